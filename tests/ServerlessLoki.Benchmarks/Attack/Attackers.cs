using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Benchmarks.Attack;

/// <summary>Clients that mean harm or do not know better, each at a rate that one machine of theirs could keep up.</summary>
/// <param name="server">Base address of the server.</param>
internal sealed class Attackers(Uri server) : IDisposable
{
    private const string Infer = "v2/models/traffic/infer";
    private const string Variant = "classify-vehicle-x";

    /// <summary>All of them by name.</summary>
    public IReadOnlyDictionary<string, Func<CancellationToken, Task>> All => new Dictionary<string, Func<CancellationToken, Task>>(StringComparer.Ordinal)
    {
        ["40 uploads of 32 MiB announced, 300 bytes a second each"] = stop => CrowdAsync(40, s => TrickleAsync(isChunked: false, s), stop),
        ["40 chunked uploads, 300 bytes a second each"] = stop => CrowdAsync(40, s => TrickleAsync(isChunked: true, s), stop),
        ["4 pictures of 16 megapixels in 47 KB a second"] = stop => RepeatAsync(4, s => PostAsync(Infer, Bomb(), "image/png", s), stop),
        ["1 such picture a second as a run"] = stop => RepeatAsync(1, s => PostAsync("runs?pipeline=traffic", Bomb(), "image/png", s), stop),
        ["50 malformed requests a second"] = MalformedAsync,
        ["10 rows of NaN a second"] = stop => RepeatAsync(10, s => PostAsync($"v2/models/{Variant}/infer", Rows(1, float.NaN), "application/octet-stream", s), stop),
        ["a request of 580 rows every 10 seconds"] = stop => RepeatAsync(0.1, s => PostAsync($"v2/models/{Variant}/infer", Rows(580, 0), "application/octet-stream", s), stop),
        ["40 runs every 20 seconds"] = stop => RepeatAsync(0.05, s => CrowdAsync(40, c => PostAsync("runs?pipeline=traffic", Scene, "image/png", c), s), stop),
        ["500 connections with half a header"] = stop => CrowdAsync(500, HalfHeaderAsync, stop),
        ["30 clients that pipeline and do not read"] = stop => CrowdAsync(30, DeafAsync, stop),
        ["5 requests a second of a foreign page"] = stop => RepeatAsync(5, s => PostAsync("runs?pipeline=traffic", Scene, "image/png", s, "evil.example"), stop),
    };

    private static readonly byte[] Scene = PictureCodec.EncodePng(SceneGenerator.Generate(TrafficSample.HeldOutSeed).Image);
    private static readonly Lazy<byte[]> BombBytes = new(() => PictureCodec.EncodePng(RgbImage.Over(4000, 4000, new byte[48_000_000]), CompressionLevel.SmallestSize));
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server, Timeout = TimeSpan.FromSeconds(60) };

    public void Dispose() => _client.Dispose();

    private static byte[] Bomb() => BombBytes.Value;

    /// <summary>Rows of the large vehicle classifier, as the protocol's binary form with its JSON part's length in front.</summary>
    private static byte[] Rows(int rows, float value)
    {
        var values = new float[rows * 3 * 12 * 24];
        Array.Fill(values, value);
        var json = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"inputs":[{"name":"image","shape":[{{{rows}}},3,12,24],"datatype":"FP32","parameters":{"binary_data_size":{{{values.Length * 4}}}}}]}"""));
        return [.. BitConverter.GetBytes(json.Length), .. json, .. System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values)];
    }

    private static async Task RepeatAsync(double perSecond, Func<CancellationToken, Task> once, CancellationToken stop)
    {
        var pending = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1 / perSecond));
        while (!stop.IsCancellationRequested)
        {
            pending.RemoveAll(static t => t.IsCompleted);
            if (pending.Count < 50)
                pending.Add(SafelyAsync(once, stop));
            try
            {
                await timer.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        await Task.WhenAll(pending);
    }

    private static Task CrowdAsync(int count, Func<CancellationToken, Task> each, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => SafelyAsync(each, stop)));

    private static async Task SafelyAsync(Func<CancellationToken, Task> once, CancellationToken stop)
    {
        try
        {
            await once(stop);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or OperationCanceledException)
        {
            // An attacker does not mind.
        }
    }

    private Task MalformedAsync(CancellationToken stop)
    {
        var (faults, seed) = (new WireFaults(), 0);
        return RepeatAsync(50, s => RawRequest.SendAsync(server, faults.Next(Interlocked.Increment(ref seed)), s), stop);
    }

    private async Task PostAsync(string path, byte[] body, string type, CancellationToken stop, string? host = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative));
        var isRows = type == "application/octet-stream";
        request.Content = new ByteArrayContent(body, isRows ? 4 : 0, body.Length - (isRows ? 4 : 0));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (isRows)
            request.Headers.TryAddWithoutValidation("Inference-Header-Content-Length", BitConverter.ToInt32(body).ToString(CultureInfo.InvariantCulture));
        request.Headers.Host = host;
        if (host is not null)
            request.Headers.TryAddWithoutValidation("Origin", $"http://{host}");
        using var response = await _client.SendAsync(request, stop);
        await response.Content.CopyToAsync(Stream.Null, stop);
    }

    /// <summary>Comes again whenever it is cut off.</summary>
    private async Task TrickleAsync(bool isChunked, CancellationToken stop)
    {
        var head = Encoding.ASCII.GetBytes(
            $"POST /{Infer} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{(isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 33554432")}\r\n\r\n");
        var piece = Encoding.ASCII.GetBytes(isChunked ? $"96\r\n{new string(' ', 150)}\r\n" : new string(' ', 150));
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = await RawRequest.OpenAsync(server, stop);
                await socket.SendAsync(head, stop);
                while (true)
                {
                    await socket.SendAsync(piece, stop);
                    await Task.Delay(500, stop);
                }
            }
            catch (SocketException)
            {
                await Task.Delay(500, stop);
            }
        }
    }

    private async Task HalfHeaderAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = await RawRequest.OpenAsync(server, stop);
                await socket.SendAsync("GET /v2 HTTP/1.1\r\nHost: localhost\r\nX: "u8.ToArray(), stop);
                await socket.ReceiveAsync(new byte[256], stop);
            }
            catch (SocketException)
            {
                // Refused: it comes again.
            }

            await Task.Delay(1000, stop);
        }
    }

    private async Task DeafAsync(CancellationToken stop)
    {
        var requests = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 200)));
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = await RawRequest.OpenAsync(server, stop);
                socket.ReceiveBufferSize = 2048;
                while (await socket.SendAsync(requests, stop) > 0)
                    await Task.Delay(2000, stop);
            }
            catch (SocketException)
            {
                await Task.Delay(1000, stop);
            }
        }
    }
}
