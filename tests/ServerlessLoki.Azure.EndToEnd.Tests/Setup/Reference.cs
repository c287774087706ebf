using System.Text.Json;
using ServerlessLoki.Embedded;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Http.Tests;

namespace ServerlessLoki.Azure.EndToEnd.Tests.Setup;

/// <summary>The embedded host over the same files, pinned to the variants that answered: what the answers shall equal.</summary>
internal sealed class Reference : IAsyncDisposable
{
    private const int Batch = 4;
    private readonly EmbeddedHost _host;
    private readonly HttpClient _client;
    private readonly string _data;
    private string? _pinned;

    private Reference(EmbeddedHost host, string data) =>
        (_host, _client, _data) = (host, new HttpClient { BaseAddress = host.BaseAddress }, data);

    public HttpClient Http => _client;

    public static async Task<Reference> StartAsync(string modelFolder, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("loki-e2e-reference-").FullName;
        var host = await EmbeddedHost.StartAsync(
            new EmbeddedHostOptions
            {
                PipelineFiles = [TrafficFolder.PipelineOf(modelFolder)], ProfileFile = TrafficFolder.ProfileOf(modelFolder), DataDirectory = data,
            },
            cancellationToken);
        return new Reference(host, data);
    }

    /// <summary>Answers with given variants.</summary>
    /// <param name="variants">As answers name them: <c>detect=detect-n,classify-vehicle=classify-vehicle-s</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task PinAsync(string variants, CancellationToken cancellationToken)
    {
        if (variants == _pinned)
            return;
        var byTask = variants.Split(',').Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1]);
        var problem = _host.Engine.Problem!;
        var plan = _host.Engine.Plan! with
        {
            Slots = [.. _host.Engine.Pipelines[0].Pipeline.Tasks.Select(task =>
            {
                // A task that nothing came to has no say.
                var variant = task.Variants.First(v => v.Name == byTask.GetValueOrDefault(task.Name, task.Variants[0].Name));
                var profile = _host.Engine.Profile.Find(variant.Name, problem.Devices[0].Name)!;
                var qps = problem.Devices[0].SlotShare * profile.ThroughputQps(Batch);
                return new SlotGroup(0, task.Index, variant.Index, 0, Batch, 1, qps, qps / 2, profile.LatencyUs(Batch));
            })],
        };
        await _host.Engine.ForcePlanAsync(plan, cancellationToken);
        _pinned = variants;
    }

    /// <summary>The reference's answer to a scene, by the variants that answered it elsewhere.</summary>
    public async Task<JsonElement> InferAsync(byte[] png, JsonElement answer, CancellationToken cancellationToken)
    {
        await PinAsync(Variants(answer), cancellationToken);
        using var response = await _client.PostBytesAsync("/v2/models/traffic/infer", png, null, "image/png");
        return await response.JsonAsync();
    }

    public static string Variants(JsonElement answer) => answer.GetProperty("parameters").GetProperty("variants").GetString()!;

    /// <summary>What an answer says, without times and names of its own.</summary>
    public static string Content(JsonElement answer) => Variants(answer) + Environment.NewLine + answer.GetProperty("outputs").GetRawText();

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }
}
