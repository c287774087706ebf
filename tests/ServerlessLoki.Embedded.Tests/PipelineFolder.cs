using System.Text.Json;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Http.Tests;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>A pipeline file with its models, and the host that serves it.</summary>
internal sealed class PipelineFolder : IDisposable
{
    private readonly TempDirectory _models = new();
    private readonly TempDirectory _data = new();

    public void Write(string file, string text) => File.WriteAllText(Path.Combine(_models.Path, file), text);

    public void Write(string file, byte[] bytes) => File.WriteAllBytes(Path.Combine(_models.Path, file), bytes);

    public Task<EmbeddedHost> StartAsync(string pipeline, int slots = 3)
    {
        Write("p.json", pipeline);
        return EmbeddedHost.StartAsync(
            new EmbeddedHostOptions { PipelineFiles = [Path.Combine(_models.Path, "p.json")], DataDirectory = _data.Path, Slots = slots, Port = 0 }, TestContext.Current.CancellationToken);
    }

    /// <summary>Pins a plan in which one variant serves each task.</summary>
    public static async Task ServeByAsync(EmbeddedHost host, int variant)
    {
        var engine = host.Engine;
        var device = engine.Problem!.Devices[0].Name;
        await engine.ForcePlanAsync(
            engine.Plan! with
            {
                Slots = [.. engine.Pipelines[0].Pipeline.Tasks.Select(task =>
                    new SlotGroup(0, task.Index, variant, 0, 4, 1, 100, 50, engine.Profile.Find(task.Variants[variant].Name, device)!.LatencyUs(1)))],
            },
            TestContext.Current.CancellationToken);
    }

    /// <summary>The values of each output of a good answer.</summary>
    public static async Task<Dictionary<string, JsonElement[]>> OutputsAsync(HttpResponseMessage response)
    {
        using (response)
        {
            Assert.True(response.IsSuccessStatusCode, await response.TextAsync());
            return (await response.JsonAsync()).GetProperty("outputs").EnumerateArray()
                .ToDictionary(o => o.GetProperty("name").GetString()!, o => o.GetProperty("data").EnumerateArray().ToArray(), StringComparer.Ordinal);
        }
    }

    /// <summary>A request with one text.</summary>
    public static string Body(string text, string parameters = "{}") =>
        $$"""{"parameters":{{parameters}},"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":[{{JsonSerializer.Serialize(text)}}]}]}""";

    /// <summary>The result of a run, once it has ended.</summary>
    public static async Task<JsonElement> RunAsync(HttpClient client, string path, string body)
    {
        using var accepted = await client.PostJsonAsync(path, body);
        Assert.True(accepted.IsSuccessStatusCode, await accepted.TextAsync());
        var at = "/runs/" + (await accepted.JsonAsync()).GetProperty("id").GetString();
        while (true)
        {
            using var response = await client.GetPathAsync(at);
            var run = await response.JsonAsync();
            if (run.GetProperty("state").GetString() is not ("accepted" or "pending" or "running"))
                return run;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose()
    {
        _models.Dispose();
        _data.Dispose();
    }
}
