-- wrk script: posts pins to POST /topics/TOPIC in the JSON format of REST Proxy v2.
--
-- Environment: BATCH records a request (1), TOPIC (bench.pin), PINS a file with one pin as JSON a line (without it,
-- pins made here, of the same shape and size). One request is sent over and over, as redis-benchmark
-- sends one command: what a script makes for each request would be the load generator's cost, not the server's.
-- Prints one line: RESULT key=value …

local batch = tonumber(os.getenv("BATCH") or "1")
local topic = os.getenv("TOPIC") or "bench.pin"
local path = os.getenv("PINS") or ""
local most_bodies = 512

-- A small generator of our own, so that every run posts the same bytes.
local state = 20220101
local function below(n)
  state = (state * 1103515245 + 12345) % 2147483648
  return math.floor(state / 65536) % n
end

local words = { "autumn", "porch", "ideas", "budget", "simple", "recipe", "garden", "travel", "vintage", "wedding",
  "tattoo", "outfit", "quotes", "d\\u00e9cor", "kitchen", "diy", "summer", "caf\195\169", "lights", "paper" }
local categories = { "art", "beauty", "christmas", "education", "finance", "home-decor", "quotes", "travel" }
local function phrase(count, between)
  local chosen = {}
  for i = 1, count do chosen[i] = words[below(#words) + 1] end
  return table.concat(chosen, between)
end
local function hex(count)
  local digits = {}
  for i = 1, count do digits[i] = string.format("%x", below(16)) end
  return table.concat(digits)
end
local function made_pin(number)
  local category = categories[below(#categories) + 1]
  local image = hex(32)
  return string.format(
    '{"index": %d, "unique_id": "%s-%s-%s-%s-%s", "title": "%s", "description": "%s", "poster_name": "%s", ' ..
    '"follower_count": "%dk", "tag_list": "%s", "is_image_or_video": "image", ' ..
    '"image_src": "https://i.example.com/originals/%s/%s/%s/%s.jpg", "downloaded": 1, ' ..
    '"save_location": "Local save in /data/%s", "category": "%s"}',
    number, hex(8), hex(4), hex(4), hex(4), hex(12), phrase(7, " "), phrase(24, " "), phrase(2, " "),
    below(900) + 1, phrase(9, ","), image:sub(1, 2), image:sub(3, 4), image:sub(5, 6), image, category, category)
end

local function pins()
  local list = {}
  if path ~= "" then
    for line in io.lines(path) do
      if #list == most_bodies * 4 then break end
      if #line > 0 then list[#list + 1] = line end
    end
  else
    for number = 1, most_bodies do list[number] = made_pin(number) end
  end
  return list
end

-- The pin whose size is nearest to the mean, from where a request of several begins.
local function typical(list)
  local total, best = 0, 1
  for _, pin in ipairs(list) do total = total + #pin end
  local mean = total / #list
  for at, pin in ipairs(list) do
    if math.abs(#pin - mean) < math.abs(#list[best] - mean) then best = at end
  end
  return best
end

function init()
  wrk.method = "POST"
  wrk.path = "/topics/" .. topic
  wrk.headers["Content-Type"] = "application/vnd.kafka.json.v2+json"
  wrk.headers["Accept"] = "application/vnd.kafka.v2+json"
  local list = pins()
  local first = typical(list)
  local records = {}
  for record = 1, batch do
    records[record] = '{"value": ' .. list[(first + record - 2) % #list + 1] .. '}'
  end
  wrk.body = '{"records": [' .. table.concat(records, ",") .. ']}'
end

function done(summary, latency)
  local wrong = summary.errors
  local bytes, list = 0, pins()
  for _, pin in ipairs(list) do bytes = bytes + #pin end
  io.write(string.format(
    "RESULT requests=%d seconds=%.3f p50_us=%.0f p99_us=%.0f refused=%d broken=%d value_bytes=%d\n",
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), wrong.status,
    wrong.connect + wrong.read + wrong.write + wrong.timeout, bytes / #list))
end
