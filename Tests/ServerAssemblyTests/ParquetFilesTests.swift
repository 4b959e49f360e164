import Testing

@testable import ServerAssembly

@Suite struct ParquetFilesTests {
    @Test(arguments: [
        ("BIGINT", "BIGINT"), ("TIMESTAMP", "VARCHAR"), ("DATE[]", "VARCHAR[]"),
        (
            "STRUCT(a TIMESTAMP WITH TIME ZONE, \"DATE\" DATE, time_of BIGINT)",
            "STRUCT(a VARCHAR, \"DATE\" VARCHAR, time_of BIGINT)"
        ),
        ("UUID", "VARCHAR"), ("MAP(VARCHAR, TIME)", "MAP(VARCHAR, VARCHAR)"),
    ])
    func textsStayTextsWhateverTheyLookLike(type: String, plain: String) {
        #expect(ParquetFiles.plain(type) == plain)
    }
}
