using System.Text.Json;
using ServerlessLoki.Azure.EndToEnd.Tests.Setup;

namespace ServerlessLoki.Azure.EndToEnd.Tests;

/// <summary>Durable runs: HTTP → orchestration → queues → worker → event → result.</summary>
public sealed class RunTests(SharedSystem shared)
{
    private const int Concurrent = 50;

    [Fact]
    public async Task Runs_FiftyAtOnce_CompleteWithTheFanOutOfTheEmbeddedHost()
    {
        var system = await shared.SystemAsync();
        var ids = await system.StartRunsAsync(Concurrent);
        Assert.Equal(Concurrent, ids.Distinct().Count());
        await system.AssertCompletedAsync(ids, await shared.ReferenceAsync());
        var children = 0;
        foreach (var id in ids)
            children += Children((await system.RunAsync(id)).GetProperty("result"));
        Assert.True(children > Concurrent, $"{children} children in {Concurrent} runs: there was no fan-out to test");
    }

    private static int Children(JsonElement answer) =>
        answer.GetProperty("outputs").EnumerateArray().Where(o => o.GetProperty("name").GetString()!.EndsWith(".parent", StringComparison.Ordinal))
            .Sum(o => o.GetProperty("data").GetArrayLength());
}
