import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.CombinedFieldQuery;
import org.apache.lucene.search.DisjunctionMaxQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * Lucene's first hundred hits of each query, as lines of a TREC run: RivalRanker ANALYZER FIELDS DOCUMENTS QUERIES. ANALYZER is
 * english, standard or cjk; FIELDS is one, combined (BM25F) or max (for each term the better of two), titles three times as heavy.
 * DOCUMENTS has lines of a key, a title and the other text, QUERIES of a name and a text, with tabs between.
 */
public final class RivalRanker {
  private static final float TITLE = 3;

  public static void main(String[] args) throws Exception {
    Analyzer analyzer = switch (args[0]) {
      case "english" -> new EnglishAnalyzer();
      case "standard" -> new StandardAnalyzer();
      default -> new CJKAnalyzer();
    };
    boolean isOne = args[1].equals("one");
    ByteBuffersDirectory directory = new ByteBuffersDirectory();
    try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(analyzer));
        BufferedReader documents = Files.newBufferedReader(Path.of(args[2]))) {
      for (String line; (line = documents.readLine()) != null;) {
        String[] cells = line.split("\t", -1);
        Document document = new Document();
        document.add(new StoredField("key", cells[0]));
        document.add(new TextField("title", isOne ? cells[1] + " " + cells[2] : cells[1], Field.Store.NO));
        document.add(new TextField("rest", isOne ? "" : cells[2], Field.Store.NO));
        writer.addDocument(document);
      }
      writer.forceMerge(1);
    }
    IndexSearcher.setMaxClauseCount(1 << 16);
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    try (DirectoryReader reader = DirectoryReader.open(directory);
        BufferedReader queries = Files.newBufferedReader(Path.of(args[3]))) {
      IndexSearcher searcher = new IndexSearcher(reader);
      for (String line; (line = queries.readLine()) != null;) {
        String[] cells = line.split("\t", 2);
        int rank = 0;
        for (ScoreDoc hit : searcher.search(query(args[1], terms(analyzer, cells[1])), 100).scoreDocs) {
          String key = reader.storedFields().document(hit.doc).get("key");
          out.println(cells[0] + " Q0 " + key + " " + ++rank + " " + hit.score + " lucene");
        }
      }
    }
    out.flush();
  }

  /** The terms of a text, as often as it has them. */
  private static List<String> terms(Analyzer analyzer, String text) throws IOException {
    List<String> terms = new ArrayList<>();
    try (TokenStream stream = analyzer.tokenStream("title", text)) {
      CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
      stream.reset();
      while (stream.incrementToken()) terms.add(term.toString());
      stream.end();
    }
    return terms;
  }

  /** Any of the terms. */
  private static Query query(String fields, List<String> terms) {
    BooleanQuery.Builder any = new BooleanQuery.Builder();
    for (String term : terms) any.add(query(fields, term), Occur.SHOULD);
    return any.build();
  }

  private static Query query(String fields, String term) {
    Query title = new TermQuery(new Term("title", term));
    return switch (fields) {
      case "one" -> title;
      case "max" -> new DisjunctionMaxQuery(
          List.of(new BoostQuery(title, TITLE), new TermQuery(new Term("rest", term))), 0);
      default -> new CombinedFieldQuery.Builder(term).addField("title", TITLE).addField("rest", 1).build();
    };
  }
}
