import AWSSigning
import Testing

@testable import ObjectStore

@Suite struct S3LocationTests {
    @Test(arguments: [
        ("s3://bucket", "bucket", ""), ("s3a://bucket/", "bucket", ""), ("S3N://bucket/a/b", "bucket", "a/b"),
        ("s3://bucket//a", "bucket", "a"), ("s3://bucket/a@b", "bucket", "a@b"),
    ])
    func readsTheBucketAndThePath(text: String, bucket: String, path: String) {
        #expect(S3Location(text) == S3Location(bucket: bucket, path: path))
    }

    @Test func readsTheKeyThatNotebooksWrite() {
        let location = S3Location("s3n://AKIA1:a%2Fb%2Bc@my-bucket/topics/")
        #expect(location?.key == AccessKey(id: "AKIA1", secret: "a/b+c"))
        #expect(location?.bucket == "my-bucket")
        #expect(location?.path == "topics/")
        #expect(location?.description == "s3://my-bucket/topics/")
    }

    @Test(arguments: [
        "", "s3://", "s3:///a", "bucket", "/mnt/a", "s3://a:%zz@b", "s3://a@b", "s3://:x@b", "file://a",
    ])
    func refusesWhatIsNone(text: String) {
        #expect(S3Location(text) == nil)
    }

    @Test(arguments: [("s3://b", ""), ("s3://b/a", "a/"), ("s3://b/a/", "a/")])
    func aFolderEndsInASlash(text: String, folder: String) {
        #expect(S3Location(text)?.folder == folder)
    }
}
