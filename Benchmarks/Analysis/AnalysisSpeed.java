import java.nio.file.*;
import java.util.*;
import org.apache.lucene.analysis.*;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.analysis.tokenattributes.*;

/** Lucene's side of AnalysisSpeed: the same file, the same output. Texts are decoded before the clock starts. */
public class AnalysisSpeed {
  public static void main(String[] args) throws Exception {
    Analyzer analyzer = switch (args[0]) {
      case "standard" -> new StandardAnalyzer();
      case "english" -> new EnglishAnalyzer();
      default -> new CJKAnalyzer();
    };
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(args[2]))) if (!line.isEmpty()) lines.add(line);
    for (int round = 0; round < Integer.parseInt(args[1]); round++) {
      long count = 0, letters = 0, start = System.nanoTime();
      for (String line : lines) {
        try (TokenStream stream = analyzer.tokenStream("text", line)) {
          CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
          stream.addAttribute(PositionIncrementAttribute.class);
          stream.addAttribute(OffsetAttribute.class);
          stream.reset();
          while (stream.incrementToken()) { count++; letters += term.length(); }
          stream.end();
        }
      }
      System.out.println((System.nanoTime() - start) + " " + count);
      if (letters == 0) System.err.println("no tokens");
    }
  }
}
