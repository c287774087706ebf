using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Benchmarks.Serving;

/// <summary>Sends one variant's binary tensors over HTTP/1.1, in a closed loop with a set number in flight.</summary>
/// <remarks>A thread with a blocking socket per request in flight, the request prepared once.</remarks>
internal sealed class WireClient : IDisposable
{
    private readonly byte[] _request;
    private readonly WireConnection[] _connections;
    private readonly int _rows;

    public WireClient(Uri host, OnnxModel model, int rows, int connections)
    {
        _rows = rows;
        var tensor = Tensor(model, rows);
        var input = model.Inputs[0];
        var shape = string.Join(',', input.Shape.Skip(1).Prepend(rows));
        var json =
            $$$"""{"inputs":[{"name":"{{{input.Name}}}","datatype":"{{{input.Datatype}}}","shape":[{{{shape}}}],"parameters":{"binary_data_size":{{{tensor.Length}}}}}],"parameters":{"binary_data_output":true}}""";
        var head =
            $"POST /v2/models/{model.Name}/infer HTTP/1.1\r\nHost: {host.Authority}\r\nContent-Type: application/octet-stream\r\n"
            + $"Inference-Header-Content-Length: {json.Length}\r\nContent-Length: {json.Length + tensor.Length}\r\n\r\n";
        _request = [.. Encoding.ASCII.GetBytes(head + json), .. tensor];
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new WireConnection(host))];
    }

    /// <summary>Bytes of one request, head included.</summary>
    public int RequestBytes => _request.Length;

    /// <summary>Bytes of one answer's body.</summary>
    public int AnswerBytes() => _connections[0].Send(_request).Length;

    /// <summary>Values of an image, 0..1, for as many rows as asked: the same each time.</summary>
    public static byte[] Tensor(OnnxModel model, int rows)
    {
        var values = new float[model.Inputs[0].RowElements!.Value * rows];
        var state = 1u;
        foreach (ref var value in values.AsSpan())
            value = ((state = (state * 1664525) + 1013904223) >> 8) / (float)(1 << 24);
        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    /// <summary>Rows per second, one request in flight on each connection.</summary>
    public double Throughput(TimeSpan duration)
    {
        long rows = 0;
        var clock = Stopwatch.StartNew();
        var senders = _connections.Select(connection => new Thread(() =>
        {
            while (clock.Elapsed < duration)
            {
                connection.Send(_request);
                Interlocked.Add(ref rows, _rows);
            }
        }) { Name = "wire client" }).ToList();
        senders.ForEach(s => s.Start());
        senders.ForEach(s => s.Join());
        return rows / clock.Elapsed.TotalSeconds;
    }

    /// <summary>One request on the first connection.</summary>
    public void Send() => _connections[0].Send(_request);

    public void Dispose() => Array.ForEach(_connections, c => c.Dispose());
}
