import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.SortedSetDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.index.SortedSetDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.FuzzyQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopFieldCollectorManager;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.search.WildcardQuery;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;

/**
 * Lucene's side of the comparison of columns: plain loops over doc values for facets, its own collectors for orders and
 * for terms that are looked for by their looks. usage: ColumnRival index DIR < documents.tsv | query DIR < commands.tsv
 */
public final class ColumnRival {
  private static final String[] FACETS = {"ecosystem", "initial", "words"};

  private static void index(Path dir) throws Exception {
    IndexWriterConfig config = new IndexWriterConfig(new WhitespaceAnalyzer())
        .setRAMBufferSizeMB(1024).setOpenMode(IndexWriterConfig.OpenMode.CREATE);
    try (IndexWriter writer = new IndexWriter(FSDirectory.open(dir), config);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 20)) {
      for (String line; (line = in.readLine()) != null;) {
        String[] cells = line.split("\t", -1);
        Document document = new Document();
        document.add(new StringField("id", cells[0], Field.Store.YES));
        document.add(new TextField("text", cells[1], Field.Store.NO));
        for (int i = 0; i < 2; i++) {
          document.add(new SortedDocValuesField(FACETS[i], new BytesRef(cells[2 + i])));
          document.add(new StringField(FACETS[i], cells[2 + i], Field.Store.NO));
        }
        for (String word : cells[4].split(" ")) {
          if (word.isEmpty()) continue;
          document.add(new SortedSetDocValuesField("words", new BytesRef(word)));
          document.add(new StringField("words", word, Field.Store.NO));
        }
        document.add(new NumericDocValuesField("size", Long.parseLong(cells[5])));
        document.add(new StringField("tenth", cells[6], Field.Store.NO));
        writer.addDocument(document);
      }
      writer.forceMerge(1, true);
      writer.commit();
    }
  }

  private static Query query(String text) {
    return text.equals("*") ? new MatchAllDocsQuery() : new TermQuery(new Term("text", text));
  }

  private static Query filtered(Query query, String... filters) {
    BooleanQuery.Builder all = new BooleanQuery.Builder().add(query, BooleanClause.Occur.MUST);
    for (int i = 0; i < filters.length; i += 2) {
      all.add(new TermQuery(new Term(filters[i], filters[i + 1])), BooleanClause.Occur.FILTER);
    }
    return all.build();
  }

  /** The counts of the ten most frequent values, as text. */
  private static String best(int[] counts) {
    int[] top = new int[10];
    for (int count : counts) {
      if (count <= top[0]) continue;
      int at = 0;
      while (at + 1 < top.length && top[at + 1] < count) {
        top[at] = top[at + 1];
        at++;
      }
      top[at] = count;
    }
    StringBuilder out = new StringBuilder();
    for (int i = top.length - 1; i >= 0 && top[i] > 0; i--) out.append(' ').append(top[i]);
    return out.toString();
  }

  private static String facets(IndexSearcher searcher, Query query, String[] fields) throws java.io.IOException {
    var weight = searcher.createWeight(searcher.rewrite(query), ScoreMode.COMPLETE_NO_SCORES, 1);
    int total = 0;
    int[][] counts = new int[fields.length][];
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      LeafReader reader = leaf.reader();
      SortedDocValues[] single = new SortedDocValues[fields.length];
      SortedSetDocValues several = null;
      int place = -1;
      for (int i = 0; i < fields.length; i++) {
        if (fields[i].equals("words")) {
          several = reader.getSortedSetDocValues("words");
          place = i;
          counts[i] = new int[(int) several.getValueCount()];
        } else {
          single[i] = reader.getSortedDocValues(fields[i]);
          counts[i] = new int[single[i].getValueCount()];
        }
      }
      Scorer scorer = weight.scorer(leaf);
      if (scorer == null) continue;
      DocIdSetIterator documents = scorer.iterator();
      for (int d; (d = documents.nextDoc()) != DocIdSetIterator.NO_MORE_DOCS;) {
        total++;
        for (int i = 0; i < single.length; i++) {
          if (single[i] != null && single[i].advanceExact(d)) counts[i][single[i].ordValue()]++;
        }
        if (several != null && several.advanceExact(d)) {
          for (int k = several.docValueCount(); k > 0; k--) counts[place][(int) several.nextOrd()]++;
        }
      }
    }
    StringBuilder out = new StringBuilder().append(total);
    for (int[] one : counts) out.append(" |").append(best(one));
    return out.toString();
  }

  /** Each facet without its own filter, in one pass over the query's documents. */
  private static String sideways(IndexSearcher searcher, Query query, String[] wanted) throws java.io.IOException {
    var weight = searcher.createWeight(searcher.rewrite(query), ScoreMode.COMPLETE_NO_SCORES, 1);
    int total = 0;
    int[][] counts = new int[3][];
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      LeafReader reader = leaf.reader();
      SortedDocValues ecosystem = reader.getSortedDocValues("ecosystem");
      SortedDocValues initial = reader.getSortedDocValues("initial");
      SortedSetDocValues words = reader.getSortedSetDocValues("words");
      counts[0] = new int[ecosystem.getValueCount()];
      counts[1] = new int[initial.getValueCount()];
      counts[2] = new int[(int) words.getValueCount()];
      int wantedEcosystem = ecosystem.lookupTerm(new BytesRef(wanted[0]));
      int wantedInitial = initial.lookupTerm(new BytesRef(wanted[1]));
      long wantedWord = words.lookupTerm(new BytesRef(wanted[2]));
      Scorer scorer = weight.scorer(leaf);
      if (scorer == null) continue;
      DocIdSetIterator documents = scorer.iterator();
      long[] ords = new long[64];
      for (int d; (d = documents.nextDoc()) != DocIdSetIterator.NO_MORE_DOCS;) {
        int e = ecosystem.advanceExact(d) ? ecosystem.ordValue() : -1;
        int i = initial.advanceExact(d) ? initial.ordValue() : -1;
        boolean hasEcosystem = e == wantedEcosystem;
        boolean hasInitial = i == wantedInitial;
        if (!hasEcosystem && !hasInitial) continue;
        int n = words.advanceExact(d) ? words.docValueCount() : 0;
        boolean hasWord = false;
        for (int k = 0; k < n; k++) {
          ords[k] = words.nextOrd();
          hasWord |= ords[k] == wantedWord;
        }
        if (hasEcosystem && hasInitial && hasWord) total++;
        if (hasInitial && hasWord && e >= 0) counts[0][e]++;
        if (hasEcosystem && hasWord && i >= 0) counts[1][i]++;
        if (hasEcosystem && hasInitial) for (int k = 0; k < n; k++) counts[2][(int) ords[k]]++;
      }
    }
    StringBuilder out = new StringBuilder().append(total);
    for (int[] one : counts) out.append(" |").append(best(one));
    return out.toString();
  }

  /** Documents of some tenths. */
  private static Query tenths(String numbers) {
    BooleanQuery.Builder any = new BooleanQuery.Builder();
    for (String number : numbers.split(",")) any.add(new TermQuery(new Term("tenth", number)), BooleanClause.Occur.SHOULD);
    return any.build();
  }

  /** How many documents have a size in each stretch of 50,000. */
  private static String histogram(IndexSearcher searcher, Query query) throws java.io.IOException {
    var weight = searcher.createWeight(searcher.rewrite(query), ScoreMode.COMPLETE_NO_SCORES, 1);
    int[] counts = new int[32];
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      NumericDocValues sizes = leaf.reader().getNumericDocValues("size");
      Scorer scorer = weight.scorer(leaf);
      if (scorer == null) continue;
      DocIdSetIterator documents = scorer.iterator();
      for (int d; (d = documents.nextDoc()) != DocIdSetIterator.NO_MORE_DOCS;) {
        if (sizes.advanceExact(d)) counts[(int) (sizes.longValue() / 50_000)]++;
      }
    }
    StringBuilder out = new StringBuilder();
    for (int count : counts) if (count > 0) out.append(' ').append(count);
    return out.toString();
  }

  private static String top(IndexSearcher searcher, Query query) throws java.io.IOException {
    TopDocs found = searcher.search(query, new TopScoreDocCollectorManager(10, null, 10));
    return "" + found.scoreDocs.length;
  }

  private static String sorted(IndexSearcher searcher, Query query) throws java.io.IOException {
    Sort sort = new Sort(new SortField("size", SortField.Type.LONG, true));
    TopDocs found = searcher.search(query, new TopFieldCollectorManager(sort, 10, null, Integer.MAX_VALUE));
    StringBuilder out = new StringBuilder().append(found.totalHits.value());
    for (var hit : found.scoreDocs) out.append(' ').append(hit.doc);
    return out.toString();
  }

  private static String answer(IndexSearcher searcher, String[] cells) throws java.io.IOException {
    switch (cells[0]) {
      case "FACETS": return facets(searcher, query(cells[1]), FACETS);
      case "TENTHS": return facets(searcher, tenths(cells[2]), cells[1].split(","));
      case "HISTOGRAM": return histogram(searcher, query(cells[1]));
      case "FACET": return facets(searcher, query(cells[2]), new String[] {cells[1]});
      case "PLAIN":
        return facets(searcher,
            filtered(query(cells[1]), "ecosystem", cells[2], "initial", cells[3], "words", cells[4]), FACETS);
      case "SIDEWAYS": return sideways(searcher, query(cells[1]), Arrays.copyOfRange(cells, 2, 5));
      case "SORT": return sorted(searcher, filtered(query(cells[1]), "tenth", cells[2]));
      case "PREFIX_COUNT": return "" + searcher.count(new PrefixQuery(new Term("text", cells[1])));
      case "PREFIX_TOP": return top(searcher, new PrefixQuery(new Term("text", cells[1])));
      case "WILDCARD_COUNT": return "" + searcher.count(new WildcardQuery(new Term("text", cells[1])));
      case "WILDCARD_TOP": return top(searcher, new WildcardQuery(new Term("text", cells[1])));
      case "FUZZY1_TOP": return top(searcher, new FuzzyQuery(new Term("text", cells[1]), 1, 0));
      case "FUZZY2_TOP": return top(searcher, new FuzzyQuery(new Term("text", cells[1]), 2, 0));
      default: return "UNSUPPORTED";
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path dir = Path.of(arguments[1]);
    if (arguments[0].equals("index")) {
      index(dir);
      return;
    }
    try (DirectoryReader reader = DirectoryReader.open(FSDirectory.open(dir));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      IndexSearcher searcher = new IndexSearcher(reader);
      searcher.setQueryCache(null);
      PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
      for (String line; (line = in.readLine()) != null;) {
        String[] cells = line.split("\t", -1);
        long start = System.nanoTime();
        String answer = answer(searcher, cells);
        out.println(answer + "\t" + (System.nanoTime() - start));
      }
    }
  }
}
