// Whether PDFs are what they claim to be: archivable (PDF/A-2a) and accessible (PDF/UA-1), as veraPDF judges.
//
//     java -cp CLASSES Check.java FILE...
//
// A line a file and profile: its path, the profile, "compliant" or "not", how many checks were made. After it a line,
// set in by a tab, for each check that failed: clause and number of the rule, what it asks, where in the file.

import java.io.FileInputStream;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class Check {
    public static void main(String[] files) throws Exception {
        LogManager.getLogManager().reset();
        Logger.getLogger("").setLevel(Level.OFF);
        VeraGreenfieldFoundryProvider.initialise();
        for (String file : files) {
            for (String profile : new String[] {"2a", "ua1"}) {
                check(file, profile);
            }
        }
    }

    static void check(String file, String profile) throws Exception {
        PDFAFlavour flavour = PDFAFlavour.fromString(profile);
        try (FileInputStream bytes = new FileInputStream(file);
                PDFAParser parser = Foundries.defaultInstance().createParser(bytes, flavour)) {
            PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false);
            ValidationResult result = validator.validate(parser);
            String verdict = result.isCompliant() ? "compliant" : "not";
            line("", file, profile, verdict, Integer.toString(result.getTotalAssertions()));
            for (TestAssertion check : result.getTestAssertions()) {
                if (check.getStatus() != TestAssertion.Status.PASSED) {
                    String rule = check.getRuleId().getClause() + "-" + check.getRuleId().getTestNumber();
                    line("\t", rule, check.getMessage(), check.getLocation().getContext());
                }
            }
        }
    }

    /// Nothing that a file says can begin a line of its own.
    static void line(String before, String... parts) {
        for (int at = 0; at < parts.length; at++) {
            parts[at] = String.valueOf(parts[at]).replaceAll("[\\t\\r\\n]+", " ");
        }
        System.out.println(before + String.join("\t", parts));
    }
}
