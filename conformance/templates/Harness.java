// A harness for a subunit v2 reader in Java 17. Copy it, and add your reader.
//
// 1. Replace the code under YOUR READER GOES HERE, and under YOUR WRITER if you have one.
// 2. subunit2 conformance run --session 'java Harness.java'
// Until then, the reader is the command in SUBUNIT2_DECODER (`subunit2 decode`). It is started for
// each stream, which is slow, and reads standard input. HARNESS.md describes the requests.

import static java.nio.charset.StandardCharsets.UTF_8;
import java.io.*;
import java.nio.file.*;
import java.util.HexFormat;

public class Harness {
    /** "live" is false if items are returned only at the end; a "writer" is a profile, too. */
    private static final String HELLO = """
            "name":"java-template","version":"1.0","language":"Java",\
            "profiles":["packet","stream","recovery"],"live":false""";

    /**
     * YOUR READER GOES HERE: turn the octets of a stream into items, JSON objects in the form of
     * item.schema.json, one a line; offset, length and raw are optional. It may throw.
     */
    private static String decode(byte[] octets) throws Exception {
        String command = System.getenv().getOrDefault("SUBUNIT2_DECODER", "subunit2 decode");
        Path stream = Files.write(Files.createTempFile("stream", ".subunit"), octets);
        try {
            Process decoder = new ProcessBuilder("sh", "-c", command)
                    .redirectInput(stream.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String lines = new String(decoder.getInputStream().readAllBytes(), UTF_8);
            switch (decoder.waitFor()) {
                case 0: return lines;
                case 77: throw new UnsupportedOperationException();
                default: throw new IOException("the decoder exited with " + decoder.exitValue());
            }
        } finally {
            Files.delete(stream);
        }
    }

    /**
     * YOUR WRITER GOES HERE: turn such an object, as text, into octets; the message of an
     * IllegalArgumentException is the invalid key. With split, return several packets.
     */
    private static byte[] encode(String packet, boolean split) throws Exception {
        throw new UnsupportedOperationException();
    }

    // The session follows, and needs no change. Requests are ASCII without spaces, with keys in a
    // fixed order, so no JSON library is needed to read them.
    private static final ByteArrayOutputStream stream = new ByteArrayOutputStream();

    private static String quoted(String request, String key) {
        return request.split("\"" + key + "\":\"", 2)[1].split("\"", 2)[0];
    }

    private static String answer(String request) throws Exception {
        boolean multiplexes = request.contains(",\"routes\":[") || request.contains(",\"input\":");
        switch (multiplexes ? "" : quoted(request, "op")) {
            case "hello": return HELLO;
            case "open", "bye": stream.reset(); return "";
            case "feed":
                stream.write(HexFormat.of().parseHex(quoted(request, "bytes")));
                return "\"items\":[]";
            case "close":
                String lines = decode(stream.toByteArray()).strip();
                return "\"items\":[" + lines.replace('\n', ',') + "]";
            case "encode":
                String packet = request.replaceFirst("^.*?,\"packet\":", "");
                try {
                    byte[] octets = encode(packet.replaceFirst("(,\"split\":true)?}$", ""),
                            request.endsWith(",\"split\":true}"));
                    return "\"bytes\":\"" + HexFormat.of().formatHex(octets) + "\"";
                } catch (IllegalArgumentException refused) {
                    return "\"refused\":\"" + refused.getMessage() + "\"";
                }
            default: throw new UnsupportedOperationException();
        }
    }

    public static void main(String[] arguments) throws Exception {
        var output = new PrintStream(System.out, true, UTF_8);
        var input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line; (line = input.readLine()) != null; ) {
            String reply;
            try {
                reply = answer(line);
            } catch (UnsupportedOperationException none) {
                reply = "\"unsupported\":\"this harness does not support it\"";
            } catch (Exception error) {
                String said = error.toString().replaceAll("[\"\\\\\\p{Cntrl}]", " ");
                reply = "\"error\":\"" + said + "\"";
            }
            String id = line.substring(0, line.indexOf(','));
            output.println(id + (reply.isEmpty() ? "" : ",") + reply + "}");
        }
    }
}
