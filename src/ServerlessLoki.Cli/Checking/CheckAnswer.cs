using System.Text.Json;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Checking;

/// <summary>Answer of a server to one request.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Variants">Variants that answered, as the server names them; empty for a variant's own answer.</param>
/// <param name="Outputs">Output tensors; empty unless the status is 200.</param>
internal sealed record CheckAnswer(int Status, string Variants, IReadOnlyList<TensorData> Outputs)
{
    /// <summary>True if temporary load was the reason: a later request may get another answer.</summary>
    public bool IsBusy => Status is 429 or 503 or 504;

    /// <summary>Tests whether two answers are equal.</summary>
    public bool IsLike(CheckAnswer other) =>
        Status == other.Status && Outputs.Count == other.Outputs.Count && Outputs.Zip(other.Outputs).All(o => o.First.IsLike(o.Second));

    /// <summary>Returns the answer for one row of a request with several; null where the outputs cannot be divided so.</summary>
    public CheckAnswer? Row(int row, int rows) =>
        Outputs.All(o => o.Shape.Length > 0 && o.Shape[0] % rows == 0) ? this with { Outputs = [.. Outputs.Select(o => o.Part(row, rows))] } : null;

    /// <summary>Reads a body.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="body">Body, with binary tensors after the JSON.</param>
    /// <param name="jsonLength">Bytes of the JSON; null = the whole body.</param>
    public static CheckAnswer Read(int status, ReadOnlyMemory<byte> body, int? jsonLength)
    {
        if (status != 200)
            return new CheckAnswer(status, "", []);
        using var json = JsonDocument.Parse(body[..(jsonLength ?? body.Length)]);
        var outputs = new List<TensorData>();
        var at = jsonLength ?? body.Length;
        foreach (var output in json.RootElement.GetProperty("outputs").EnumerateArray())
        {
            var size = output.GetProperty("parameters").GetProperty("binary_data_size").GetInt32();
            outputs.Add(new TensorData(
                output.GetProperty("name").GetString()!, output.GetProperty("datatype").GetString()!,
                [.. output.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())], body.Slice(at, size).ToArray()));
            at += size;
        }

        var variants = JsonPeek.Find(json.RootElement, "parameters") is { } parameters ? JsonPeek.Text(parameters, "variants") : null;
        return new CheckAnswer(status, variants ?? "", outputs);
    }
}
