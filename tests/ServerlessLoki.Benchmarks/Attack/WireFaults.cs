using System.Globalization;
using System.Text;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Benchmarks.Attack;

/// <summary>Malformed requests as bytes on the wire: request lines, headers, lengths, chunks and bodies.</summary>
internal sealed class WireFaults
{
    private const string Infer = "/v2/models/traffic/infer";

    private static readonly string[] Paths =
        [Infer, "/v2/models/classify-vehicle-n/infer", "/runs?pipeline=traffic", "/v2/models/traffic", "/v2/models/%00/infer", "/v2/models/traffic/versions/9/infer", "/runs/%ff", "/runs?size=-1", "//", "/../../etc/passwd", "/plan?x=%"];

    private static readonly string[] Lines =
        ["GET / HTTP/9.9", "GET / HTTP/0.9", "GET /", " / HTTP/1.1", "POST  HTTP/1.1", "FOO / HTTP/1.1", "TRACE / HTTP/1.1", "CONNECT a:1 HTTP/1.1", "OPTIONS * HTTP/1.1", "POST /runs HTTP/2.0", "\u0016\u0003\u0001"];

    private static readonly string[] HeaderLines =
        ["Host", "Host: ", ": x", "Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 5\r\nContent-Length: 6", "Content-Length: x", "X: \0", "Inference-Header-Content-Length: -5", "Content-Encoding: br,gzip,x", "Expect: 200-ok", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity", "Content-Type: image/png; x", "Content-Type: ", "X-Deadline-Ms: 1e999", "Connection: upgrade\r\nUpgrade: h2c"];

    private static readonly string[] Chunks =
        ["ffffffffff\r\n", "fffffffffffffffff\r\n", "-1\r\n", "x\r\n", "5\r\nab", "5\r\nabcdefgh\r\n0\r\n\r\n", "0\r\n\u0001: x\r\n\r\n", "\r\n", "5;ext=\"\r\nabcde\r\n0\r\n\r\n"];

    private readonly byte[] _json = """{"id":"1","inputs":[{"name":"image","shape":[2,3,3],"datatype":"UINT8","data":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18]}]}"""u8.ToArray();
    private readonly byte[] _png;

    public WireFaults()
    {
        using var scene = SceneGenerator.Generate(TrafficSample.HeldOutSeed).Image;
        _png = PictureCodec.EncodePng(scene);
    }

    /// <summary>The next request; the same for the same seed.</summary>
    public byte[] Next(int seed)
    {
        var random = new Random(seed);
        return random.Next(8) switch
        {
            0 => Text($"{Lines[random.Next(Lines.Length)]}\r\nHost: localhost\r\n\r\n"),
            1 => Text($"POST {Paths[random.Next(Paths.Length)]} HTTP/1.1\r\nHost: localhost\r\n{HeaderLines[random.Next(HeaderLines.Length)]}\r\n\r\n{{}}"),
            2 => Text($"POST {Infer} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{Chunks[random.Next(Chunks.Length)]}"),
            3 => Text($"GET /{new string('a', random.Next(1, 20_000))} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            4 => Text($"GET /v2 HTTP/1.1\r\nHost: localhost\r\n{Headers(random.Next(1, 300), random.Next(1, 200))}\r\n"),
            _ => Body(random),
        };
    }

    private static string Headers(int count, int length) =>
        string.Concat(Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"X-{i}: {new string('b', length)}\r\n")));

    private byte[] Body(Random random)
    {
        var (body, length, type) = MalformedBodies.Next(random, _json, [], _png);
        var announced = random.Next(10) == 0 ? random.Next(body.Length + 10) : body.Length;
        var path = type == "image/png" ? random.Next(4) == 0 ? "/runs?pipeline=traffic" : Infer : Paths[random.Next(3)];
        var header = length is null ? "" : $"Inference-Header-Content-Length: {length}\r\n";
        return [.. Text($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: {announced}\r\n{header}\r\n"), .. body];
    }

    private static byte[] Text(string text) => Encoding.Latin1.GetBytes(text);
}
