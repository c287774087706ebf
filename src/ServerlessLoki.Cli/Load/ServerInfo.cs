using System.Collections.Immutable;
using System.Text.Json;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Load;

/// <summary>Description of a running server's pipeline.</summary>
/// <param name="Pipeline">Model name in the protocol.</param>
/// <param name="SloMs">Latency objective, milliseconds; null when the server states none.</param>
/// <param name="Inputs">Input tensors of the pipeline.</param>
internal sealed record ServerInfo(string Pipeline, double? SloMs, ImmutableArray<TensorSpec> Inputs)
{
    /// <summary>Reads the description from the server.</summary>
    /// <param name="server">Base address.</param>
    /// <param name="pipeline">Name of the pipeline; null = the first that the server names.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="FailureException">The server cannot be reached or does not know the pipeline.</exception>
    public static async Task<ServerInfo> AskAsync(Uri server, string? pipeline, CancellationToken cancellationToken)
    {
        using var client = HttpLoadTarget.Client(TimeSpan.FromSeconds(10));
        try
        {
            double? slo = null;
            using (var status = await GetAsync(client, new Uri(server, "status"), cancellationToken).ConfigureAwait(false))
            {
                if (status is not null && JsonPeek.Find(status.RootElement, "pipelines") is { ValueKind: JsonValueKind.Array } list)
                {
                    foreach (var entry in list.EnumerateArray())
                    {
                        var name = JsonPeek.Text(entry, "name");
                        pipeline ??= name;
                        if (name == pipeline)
                            slo = JsonPeek.Number(entry, "sloMs");
                    }
                }
            }

            if (pipeline is null)
                throw new FailureException($"{server} does not say which pipelines it serves; name one with --pipeline");
            using var model = await GetAsync(client, new Uri(server, $"v2/models/{Uri.EscapeDataString(pipeline)}"), cancellationToken)
                .ConfigureAwait(false) ?? throw new FailureException($"{server} has no pipeline '{pipeline}'");
            return new ServerInfo(pipeline, slo, TensorSpec.ReadAll(model.RootElement));
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

    private static async Task<JsonDocument?> GetAsync(HttpClient client, Uri uri, CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync(uri, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            return null;
        return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
    }
}
