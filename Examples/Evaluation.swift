import Catalog
import Segments

/// Measures a catalog's rankings with judged queries, as `quire eval` does.
func evaluation() throws {
    let home = try ExampleFolder()
    let documents = try home.write(
        "documents.jsonl",
        """
        {"id": "d1", "title": "How tides work"}
        {"id": "d2", "title": "Work and leisure"}
        {"id": "d3", "title": "The moon"}
        """)
    let queries = try home.write("queries.tsv", "q1\thow do tides work\nq2\tmoon\n")
    let judgments = try home.write("qrels.tsv", "q1 0 d1 2\nq1 0 d2 0\nq2 0 d3 1\n")
    let schema = try Schema(
        key: "id", fields: [Field("id", .keyword), Field("title", .text, analyzer: "english")])

    let folder = DataFolder(home.path + "/data")
    _ = try IndexJob(files: [documents], schema: schema).run("tides", in: folder)
    let evaluation = try Evaluation(folder.open("tides"), JudgedQueries(queries: queries, judgments: judgments))
    print("nDCG@10 \(evaluation.mean.ndcg10), MRR@10 \(evaluation.mean.mrr10)")
}
