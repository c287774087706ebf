using System.Text.Json;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Tests.Api;

namespace ServerlessLoki.Azure.EndToEnd.Tests.Setup;

/// <summary>Durable runs of scenes.</summary>
internal static class Runs
{
    private const int Scenes = 8;

    /// <summary>Pictures with objects in them, as PNG.</summary>
    public static readonly byte[][] Pictures = [.. Enumerable.Range(1, Scenes).Select(s => PngCodec.Encode(SceneGenerator.Generate((ulong)s).Image))];

    /// <summary>Starts runs at once.</summary>
    /// <returns>Ids, in the order of the pictures.</returns>
    public static async Task<string[]> StartRunsAsync(this TestSystem system, int count)
    {
        var responses = await Task.WhenAll(Enumerable.Range(0, count).Select(i => system.Http.PostBytesAsync("/runs", PictureOf(i), null, "image/png")));
        var ids = new string[count];
        for (var i = 0; i < count; i++)
        {
            using var response = responses[i];
            Assert.Equal((202, ""), ((int)response.StatusCode, response.IsSuccessStatusCode ? "" : await response.TextAsync()));
            ids[i] = (await response.JsonAsync()).GetProperty("id").GetString()!;
        }

        return ids;
    }

    public static byte[] PictureOf(int run) => Pictures[run % Scenes];

    public static async Task<JsonElement> RunAsync(this TestSystem system, string id)
    {
        using var response = await system.Http.GetPathAsync("/runs/" + id);
        response.EnsureSuccessStatusCode();
        return await response.JsonAsync();
    }

    /// <summary>Waits for the end of a run.</summary>
    public static async Task<JsonElement> EndOfRunAsync(this TestSystem system, string id)
    {
        JsonElement run = default;
        await system.EventuallyAsync(
            async () => (run = await system.RunAsync(id)).GetProperty("state").GetString() != "accepted",
            $"run {id} has ended", TestContext.Current.CancellationToken);
        return run;
    }

    /// <summary>Waits until some runs have ended, and makes sure that others have not: what happens then happens under way.</summary>
    public static async Task FirstEndAsync(this TestSystem system, IReadOnlyList<string> ids)
    {
        var ended = 0;
        await system.EventuallyAsync(
            async () => (ended = (await Task.WhenAll(ids.Select(system.RunAsync))).Count(r => r.GetProperty("state").GetString() != "accepted")) > 0,
            "a run has ended", TestContext.Current.CancellationToken);
        Assert.True(ended < ids.Count, "all runs have ended: this tests nothing");
    }

    /// <summary>Nothing waits and nothing was put aside that belongs to them.</summary>
    public static Task AssertQueuesEmptyAsync(this TestSystem system) => system.EventuallyAsync(
        async () => (await system.StageQueuesAsync(TestContext.Current.CancellationToken)).All(q => q.ActiveMessageCount == 0), "all messages are settled",
        TestContext.Current.CancellationToken);

    /// <summary>Waits until all have completed, each with the answer that the reference gives.</summary>
    public static async Task AssertCompletedAsync(this TestSystem system, IReadOnlyList<string> ids, Reference reference)
    {
        var expected = new Dictionary<(string Variants, int Picture), string>();
        for (var i = 0; i < ids.Count; i++)
        {
            var run = await system.EndOfRunAsync(ids[i]);
            Assert.True(run.GetProperty("state").GetString() == "completed", $"{run.GetRawText()}{Environment.NewLine}{system.Logs()}");
            var answer = run.GetProperty("result");
            var key = (Reference.Variants(answer), i % Scenes);
            if (!expected.TryGetValue(key, out var content))
                expected[key] = content = Reference.Content(await reference.InferAsync(PictureOf(i), answer, TestContext.Current.CancellationToken));
            Assert.Equal(content, Reference.Content(answer));
        }
    }
}
