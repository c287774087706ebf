using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text.Json;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Serving.Audio;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Cli.Inference;

/// <summary>Inference on a pipeline of a running server.</summary>
internal static class HttpInference
{
    /// <summary>Sends the image or sound file and reads the JSON answer.</summary>
    /// <exception cref="FailureException">The server cannot be reached or did not answer 200.</exception>
    public static async Task<InferAnswer> AskAsync(Uri server, string? pipeline, byte[] file, CancellationToken cancellationToken)
    {
        var info = await ServerInfo.AskAsync(server, pipeline, cancellationToken).ConfigureAwait(false);
        using var client = HttpLoadTarget.Client(TimeSpan.FromSeconds(60));
        using var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue(WavHeader.IsWav(file) ? WavHeader.MediaType : PictureFormats.Find(file)?.MediaType() ?? "application/octet-stream");
        using var response = await client.PostAsync(
            new Uri(server, $"v2/models/{Uri.EscapeDataString(info.Pipeline)}/infer"), content, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw new FailureException($"{server} answered {(int)response.StatusCode}: {body}");
        using var json = JsonDocument.Parse(body);
        return Read(info.Pipeline, json.RootElement);
    }

    /// <summary>Reads an answer of the protocol, in the layout that the server's API documents.</summary>
    public static InferAnswer Read(string pipeline, JsonElement root)
    {
        var outputs = root.GetProperty("outputs").EnumerateArray().ToDictionary(o => o.GetProperty("name").GetString()!, o => o, StringComparer.Ordinal);
        var tasks = outputs.Keys.Select(n => n.Split('.')[0]).Distinct(StringComparer.Ordinal).ToArray();
        var rows = ImmutableArray.CreateBuilder<FoundRow>();
        // Parents are named by their row in the parent task's tensor; only the root's rows have been read when children come.
        foreach (var task in tasks)
        {
            int[] parents = outputs.TryGetValue(task + ".parent", out var parent) ? [.. Data(parent).Select(e => e.GetInt32())] : [];
            if (outputs.TryGetValue(task, out var boxes) && AreBoxes(boxes))
                AddBoxes(rows, task, boxes, parents);
            else if (outputs.TryGetValue(task + ".text", out var texts) && texts.GetProperty("shape").GetArrayLength() == 1)
                AddClasses(rows, task, [.. Data(texts).Select(e => e.GetString()!)], outputs.TryGetValue(task + ".score", out var sure) ? [.. Data(sure).Select(e => e.GetDouble())] : null, parents);
            else if (outputs.TryGetValue(task + ".label", out var labels) && outputs.TryGetValue(task + ".score", out var scores))
                AddClasses(rows, task, [.. Data(labels).Select(e => e.GetString()!)], [.. Data(scores).Select(e => e.GetDouble())], parents);
        }

        var parameters = root.TryGetProperty("parameters", out var p) ? p : default;
        return new InferAnswer(
            pipeline, JsonPeek.Number(parameters, "latencyMs") ?? double.NaN, JsonPeek.Number(parameters, "accuracy") ?? double.NaN,
            JsonPeek.Text(parameters, "variants") ?? string.Empty, rows.ToImmutable());
    }

    /// <summary>Tests whether six values per row are boxes: boxes come with their labels, even if there are none; six values of a vector or
    /// of a model's own output do not.</summary>
    private static bool AreBoxes(JsonElement output) => output.GetProperty("shape") is var shape && shape.GetArrayLength() == 2 && shape[1].GetInt64() == 6
        && output.TryGetProperty("parameters", out var parameters) && JsonPeek.Text(parameters, "labels") is not null;

    private static void AddBoxes(ImmutableArray<FoundRow>.Builder rows, string task, JsonElement output, int[] parents)
    {
        var labels = output.TryGetProperty("parameters", out var parameters) ? JsonPeek.Text(parameters, "labels")?.Split(',') ?? [] : [];
        var values = Data(output).Select(e => e.GetDouble()).ToArray();
        for (var row = 0; (row * 6) + 5 < values.Length; row++)
        {
            var v = values.AsSpan(row * 6, 6);
            var label = (int)v[5];
            rows.Add(new FoundRow(
                rows.Count, task, label >= 0 && label < labels.Length ? labels[label] : $"{label}", v[4], Parent(parents, row), v[..4].ToArray()));
        }
    }

    private static void AddClasses(ImmutableArray<FoundRow>.Builder rows, string task, string[] labels, double[]? scores, int[] parents)
    {
        for (var row = 0; row < Math.Min(labels.Length, scores?.Length ?? labels.Length); row++)
            rows.Add(new FoundRow(rows.Count, task, labels[row], scores?[row], Parent(parents, row), null));
    }

    private static int? Parent(int[] parents, int row) => row < parents.Length && parents[row] >= 0 ? parents[row] : null;

    // Tensors may come nested or flat.
    private static IEnumerable<JsonElement> Data(JsonElement output) => Flat(output.GetProperty("data"));

    private static IEnumerable<JsonElement> Flat(JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? element.EnumerateArray().SelectMany(Flat)
        : [element];
}
