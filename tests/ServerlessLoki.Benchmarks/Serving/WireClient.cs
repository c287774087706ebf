using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using ServerlessLoki.Serving.Inference;

namespace ServerlessLoki.Benchmarks.Serving;

/// <summary>Sends one variant's binary tensors over HTTP, in a closed loop with a set number in flight.</summary>
internal sealed class WireClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _path;
    private readonly byte[] _body;
    private readonly int _header;
    private readonly int _rows;

    public WireClient(Uri host, OnnxModel model, int rows)
    {
        _http = new HttpClient { BaseAddress = host };
        _rows = rows;
        _path = $"v2/models/{model.Name}/infer";
        var input = model.Inputs[0];
        var bytes = input.RowBytes!.Value * rows;
        var shape = string.Join(',', input.Shape.Skip(1).Prepend(rows));
        var json = Encoding.UTF8.GetBytes(
            $$$"""{"inputs":[{"name":"{{{input.Name}}}","datatype":"{{{input.Datatype}}}","shape":[{{{shape}}}],"parameters":{"binary_data_size":{{{bytes}}}}}],"parameters":{"binary_data_output":true}}""");
        _header = json.Length;
        _body = [.. json, .. new byte[bytes]];
    }

    /// <summary>Rows per second.</summary>
    public async Task<double> ThroughputAsync(int inFlight, TimeSpan duration)
    {
        long rows = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(async _ =>
        {
            while (clock.Elapsed < duration)
            {
                await SendAsync();
                Interlocked.Add(ref rows, _rows);
            }
        }));
        return rows / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Median time of one request with nothing else in flight, milliseconds.</summary>
    public async Task<double> LatencyMsAsync(int requests)
    {
        var times = new List<double>(requests);
        for (var i = 0; i < requests; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await SendAsync();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return Median.Of(times);
    }

    public async Task SendAsync()
    {
        using var content = new ByteArrayContent(_body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.Add("Inference-Header-Content-Length", _header.ToString(CultureInfo.InvariantCulture));
        using var response = await _http.PostAsync(new Uri(_path, UriKind.Relative), content);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        await response.Content.ReadAsByteArrayAsync();
    }

    public void Dispose() => _http.Dispose();
}
