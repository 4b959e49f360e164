-- wrk script: sends one request over and over. Which one FORM says:
--   rest     POST /topics/TOPIC, one pin in the JSON format of REST Proxy v2
--   streams  PUT /streams/TOPIC/record, the same pin as Kinesis behind an API gateway takes it
--   replay   the request that is recorded in the file REQUEST: method and path, headers, a blank line, the body
-- PAUSE=N waits before each request of a connection, at random, N milliseconds in the mean: requests come one by one,
-- as those of many clients do, and not all at once when one flush has answered them all.
-- Prints one line: RESULT key=value …

local form = os.getenv("FORM") or "rest"
local topic = os.getenv("TOPIC") or "bench.raw"
local pause = tonumber(os.getenv("PAUSE") or "0")
local pin = [[{"index":7528,"unique_id":"fbe53c66-3442-4773-b19e-d3ec6f54dddf","title":"No Title Data Available ]] ..
  [[\u2014 10 easy d\u00e9cor ideas","description":"No description available Story format. Fall decorating on a ]] ..
  [[budget: \"quick\" tips and tricks for every room in the house, from the porch to the kitchen table.",]] ..
  [["poster_name":"User Info Error","follower_count":"12k","tag_list":"Home Decor,Fall Decor,Diy,Budget,Ideas,]] ..
  [[Kitchen,Porch,Autumn","is_image_or_video":"multi-video(story page format)","image_src":]] ..
  [["https://i.example.com/originals/af/d6/52/afd652f3dbe7a38fa6b3ebf2be4d1fa7.jpg","downloaded":0,]] ..
  [["save_location":"Local save in /data/home-decor","category":"home-decor"}]]

if form == "rest" then
  wrk.method = "POST"
  wrk.path = "/test/topics/" .. topic
  wrk.headers["Content-Type"] = "application/vnd.kafka.json.v2+json"
  wrk.body = '{"records":[{"value":' .. pin .. "}]}"
elseif form == "streams" then
  wrk.method = "PUT"
  wrk.path = "/test/streams/" .. topic .. "/record"
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = '{"StreamName":"' .. topic .. '","Data":' .. pin .. ',"PartitionKey":"partition-1"}'
else
  local text = assert(io.open(os.getenv("REQUEST"), "rb")):read("*a")
  local head, body = text:match("^(.-)\n\n(.*)$")
  wrk.method, wrk.path = head:match("^(%S+) (%S+)")
  for name, value in head:gmatch("\n([^:\n]+): ([^\n]*)") do wrk.headers[name] = value end
  wrk.body = body
end

if pause > 0 then
  function init() math.randomseed(tonumber(tostring({}):match("0x(%x+)"), 16)) end
  function delay() return math.random(0, 2 * pause) end
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT requests=%d seconds=%.3f p50_us=%.0f p99_us=%.0f refused=%d broken=%d\n",
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), e.status,
    e.connect + e.read + e.write + e.timeout))
end
