using System.Collections.Immutable;
using System.Net.Http.Json;
using System.Text.Json;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Checking;

/// <summary>Model of a server: a pipeline or one variant.</summary>
/// <param name="Name">Model name in the protocol.</param>
/// <param name="IsPipeline">True for a pipeline, which takes one query per request, and where several variants may answer.</param>
/// <param name="Inputs">Input tensors of the model.</param>
internal sealed record ServedModel(string Name, bool IsPipeline, ImmutableArray<TensorSpec> Inputs)
{
    /// <summary>True where a request may hold several rows.</summary>
    public bool TakesBatches => !IsPipeline && Inputs.All(i => i.Shape is [-1, ..]);

    /// <summary>Reads the server's models.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="server">Base address.</param>
    /// <param name="name">Name of the only model to read; null = all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="FailureException">The server cannot be reached, or has no such model.</exception>
    public static async Task<IReadOnlyList<ServedModel>> AskAsync(HttpClient client, Uri server, string? name, CancellationToken cancellationToken)
    {
        try
        {
            var names = name is null ? await NamesAsync(client, server, cancellationToken) : [name];
            var models = new List<ServedModel>();
            foreach (var each in names)
            {
                using var response = await client.GetAsync(new Uri(server, $"v2/models/{Uri.EscapeDataString(each)}"), cancellationToken);
                if (!response.IsSuccessStatusCode)
                    throw new FailureException($"{server} has no model '{each}'");
                using var metadata = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
                models.Add(Read(each, metadata.RootElement));
            }

            return models;
        }
        catch (HttpRequestException e)
        {
            throw new FailureException($"{server} cannot be reached ({e.Message}); start it with 'loki up'", e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FailureException($"{server} does not answer in the Open Inference Protocol: {e.Message}", e);
        }
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(HttpClient client, Uri server, CancellationToken cancellationToken)
    {
        using var response = await client.PostAsJsonAsync(new Uri(server, "v2/repository/index"), new { ready = true }, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var index = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        string[] names = [.. index.RootElement.EnumerateArray().Select(e => e.GetProperty("name").GetString()!)];
        return names.Length > 0 ? names : throw new FailureException($"{server} has no model that is ready");
    }

    private static ServedModel Read(string name, JsonElement metadata) => new(
        name, JsonPeek.Text(metadata, "platform") == "loki_pipeline",
        TensorSpec.ReadAll(metadata));
}
