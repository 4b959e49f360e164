import Testing

@testable import Emulation

/// Files in memory.
private struct MemoryDisk: SourceDisk {
    struct Missing: Error {}

    var files: [String: String]
    var rawFiles: [String: [UInt8]] = [:]

    private var paths: [String] { Array(files.keys) + Array(rawFiles.keys) }

    private func bytes(_ path: String) throws -> [UInt8] {
        if let raw = rawFiles[path] { return raw }
        guard let text = files[path] else { throw Missing() }
        return Array(text.utf8)
    }

    func isFolder(_ path: String) -> Bool { paths.contains { $0.hasPrefix(path + "/") } }
    func isFile(_ path: String) -> Bool { files[path] != nil || rawFiles[path] != nil }
    func fileNames(in folder: String) throws -> [String] {
        paths.filter { $0.hasPrefix(folder + "/") }
            .map { String($0.dropFirst(folder.count + 1)) }.sorted()
    }
    func size(of path: String) throws -> Int { try bytes(path).count }
    func read(_ path: String) throws -> [UInt8] { try bytes(path) }
}

@Suite struct SourceLoaderTests {
    private static let pinHeader =
        "index,unique_id,title,description,poster_name,follower_count,tag_list,is_image_or_video,image_src,"
        + "downloaded,save_location,category"

    private func open(
        _ files: [String: String], _ name: String = "t", maxBytes: Int = 1 << 20
    ) throws -> any PostSource {
        try SourceLoader(disk: MemoryDisk(files: files), maxBytes: maxBytes).open(name, seed: 1, posts: nil)
    }

    private func row(_ table: EmulatedTable, _ post: Int, _ source: any PostSource) -> String? {
        var bytes: [UInt8] = []
        return source.append(table, ofPost: post, to: &bytes) ? String(decoding: bytes, as: UTF8.self) : nil
    }

    @Test func tablesOfAFolderAreJoinedByKey() throws {
        let source = try open([
            "t/a.csv": "\(Self.pinHeader)\n7,u,\"a \"\"b\"\"\",d,p,12,\"x,y\",image,src,1,s,art\n",
            "t/b.csv":
                ",ind,timestamp,latitude,longitude,country\n0,7,2019-01-01 07:21:13,-88.8298,1.50,Chad\n",
            "t/c.ndjson": #"{"ind": 7, "first_name": "A", "last_name": "B", "age": 20, "date_joined": "x"}"#
                + "\n",
            "t/readme.md": "no table",
        ])
        #expect(source.postCount == 1)
        #expect(source.notes == [])
        #expect(
            row(.pin, 0, source)
                == #"{"index":7,"unique_id":"u","title":"a \"b\"","description":"d","poster_name":"p","#
                + #""follower_count":"12","tag_list":"x,y","is_image_or_video":"image","image_src":"src","#
                + #""downloaded":1,"save_location":"s","category":"art"}"#
        )
        #expect(
            row(.geo, 0, source)
                == #"{"ind":7,"timestamp":"2019-01-01 07:21:13","latitude":-88.8298,"longitude":1.50,"#
                + #""country":"Chad"}"#
        )
        #expect(
            row(.user, 0, source)
                == #"{"ind": 7, "first_name": "A", "last_name": "B", "age": 20, "date_joined": "x"}"#)
    }

    @Test func numberColumnsHoldNullWhereEmptyAndTextWhereTheyAreNoNumbers() throws {
        let source = try open([
            "t/a.csv":
                "\(Self.pinHeader)\n1,u,,d,p,12,x,image,src,,s,art\n01,u,,d,p,12,x,image,src,1 ,s,art\n"
        ])
        #expect(row(.pin, 0, source)?.contains(#""title":"","#) == true)
        #expect(row(.pin, 0, source)?.contains(#""downloaded":null,"#) == true)
        #expect(row(.pin, 1, source)?.hasPrefix(#"{"index":"01","#) == true)
        #expect(row(.pin, 1, source)?.contains(#""downloaded":"1 ","#) == true)
    }

    @Test func pinsWithoutPartnersArePostedAndCounted() throws {
        let pins = "\(Self.pinHeader)\n1,u,t,d,p,1,x,image,s,1,s,art\n2,u,t,d,p,1,x,image,s,1,s,art\n"
        let source = try open([
            "t/pin.csv": pins,
            "t/geo.csv": "ind,timestamp,latitude,longitude,country\n2,x,0,0,Chad\n9,x,0,0,Chad\n",
        ])
        #expect(source.postCount == 2)
        #expect(row(.geo, 0, source) == nil)
        #expect(row(.geo, 1, source) != nil)
        #expect(
            source.notes == [
                "1 geo rows belong to no pin and are not posted", "1 of 2 posts have no geo row",
                "2 of 2 posts have no user row",
            ])
    }

    @Test func filesWithOtherColumnsAreLeftOutWithANote() throws {
        let source = try open([
            "t/pin.csv": "\(Self.pinHeader)\n1,u,t,d,p,1,x,image,s,1,s,art\n",
            "t/other.csv": "index,example\n1,2\n",
            "t/words.ndjson": "[1]\n",
        ])
        #expect(source.notes.filter { $0.hasPrefix("left out") }.count == 2)
    }

    @Test func folderWithoutPinsSaysWhatItNeeds() {
        #expect { try open(["t/a.csv": "x,y\n1,2\n"]) } throws: { error in
            (error as? EmulationError)?.code == .unusableSource && "\(error)".contains("no pins in t")
        }
    }

    @Test func brokenRowNamesFileAndLine() {
        #expect { try open(["t/pin.csv": "\(Self.pinHeader)\n1,2\n"]) } throws: { error in
            "\(error)".contains("pin.csv line 2: 2 fields for 12 columns")
        }
    }

    @Test func latin1FileIsRefused() {
        let disk = MemoryDisk(files: [:], rawFiles: ["t/a.csv": Array("index,".utf8) + [0xE9, 0x0A]])
        #expect { try SourceLoader(disk: disk).open("t", seed: 1, posts: nil) } throws: { error in
            "\(error)".contains("a.csv is not UTF-8")
        }
    }

    @Test func linesOfAFileArePostedInOrderAndStartAgain() throws {
        let source = try open(
            [
                "log.ndjson": #"{"seq":0,"pin":{"index": 5},"geo":{"ind":5},"user":{"ind":5}}"# + "\r\n\n"
                    + #"{"pin":{"index":6}}"#
            ],
            "log.ndjson")
        #expect(source.postCount == 2)
        #expect(row(.pin, 0, source) == #"{"index": 5}"#)
        #expect(row(.pin, 3, source) == #"{"index":6}"#)
        #expect(row(.geo, 3, source) == nil)
        #expect(source.notes == ["1 of 2 posts have no geo row", "1 of 2 posts have no user row"])
    }

    @Test(arguments: ["{\"pin\":{", "[1]", "{\"a\":1}"])
    func lineThatIsNoPostIsNamed(line: String) {
        #expect { try open(["f.ndjson": line + "\n"], "f.ndjson") } throws: { error in
            (error as? EmulationError)?.code == .unusableSource && "\(error)".contains("f.ndjson line 1")
        }
    }

    @Test func sourceAboveTheLimitIsRefused() {
        #expect { try open(["t/a.csv": "a,b\n"], maxBytes: 2) } throws: { error in
            "\(error)".contains("post it in parts")
        }
    }

    @Test func mysqlIsNotSupported() {
        #expect { try open([:], "mysql://user@host/db") } throws: { error in
            (error as? EmulationError)?.code == .notSupported
        }
    }

    @Test func missingPathSaysWhatASourceIs() {
        #expect { try open([:], "nowhere") } throws: { error in
            (error as? EmulationError)?.code == .unusableSource
                && "\(error)".contains("no folder or file nowhere")
        }
    }
}
