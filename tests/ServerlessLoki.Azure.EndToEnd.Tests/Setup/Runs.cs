using System.Text.Json;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Azure.EndToEnd.Tests.Setup;

/// <summary>Durable runs of scenes.</summary>
internal static class Runs
{
    private const int Scenes = 8;

    /// <summary>Pictures with objects in them, as PNG.</summary>
    public static readonly byte[][] Pictures = [.. Enumerable.Range(1, Scenes).Select(s => PictureCodec.EncodePng(SceneGenerator.Generate((ulong)s).Image))];

    /// <summary>Starts runs at once.</summary>
    /// <param name="system">Where.</param>
    /// <param name="count">How many.</param>
    /// <param name="from">Which picture is the first one's.</param>
    /// <returns>Ids, in the order of the pictures.</returns>
    public static async Task<string[]> StartRunsAsync(this TestSystem system, int count, int from = 0)
    {
        var responses = await Task.WhenAll(Enumerable.Range(from, count).Select(i => system.Http.PostBytesAsync("/runs", PictureOf(i), null, "image/png")));
        var ids = new string[count];
        for (var i = 0; i < count; i++)
        {
            using var response = responses[i];
            Assert.Equal((202, ""), ((int)response.StatusCode, response.IsSuccessStatusCode ? "" : await response.TextAsync()));
            ids[i] = (await response.JsonAsync()).GetProperty("id").GetString()!;
        }

        return ids;
    }

    /// <summary>Starts runs and waits until one has ended and others have not: what happens then happens under way. A machine that is
    /// through with all of them at the first look is given more.</summary>
    /// <param name="system">Where.</param>
    /// <param name="count">How many at first.</param>
    /// <param name="ids">The runs, to which those started here are added.</param>
    public static async Task RunsUnderWayAsync(this TestSystem system, int count, List<string> ids)
    {
        int ended;
        do
        {
            var started = await system.StartRunsAsync(count, ids.Count);
            ids.AddRange(started);
            ended = 0;
            await system.EventuallyAsync(
                async () => (ended = (await Task.WhenAll(started.Select(system.RunAsync))).Count(r => r.GetProperty("state").GetString() != "accepted")) > 0,
                "a run has ended", TestContext.Current.CancellationToken);
        }
        while (ended == count);
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

    /// <summary>Waits until no message is left to serve.</summary>
    public static Task QueuesEmptyAsync(this TestSystem system) => system.EventuallyAsync(
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
