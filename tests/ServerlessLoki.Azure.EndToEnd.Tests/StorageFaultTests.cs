using ServerlessLoki.Azure.EndToEnd.Tests.Setup;

namespace ServerlessLoki.Azure.EndToEnd.Tests;

/// <summary>Storage in trouble, and a broker or a host that dies, while runs are under way.</summary>
public sealed class StorageFaultTests(SharedSystem shared)
{
    private const int Count = 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tables_Answering503And412_RunsComplete()
    {
        var system = await shared.SystemAsync();
        var requests = 0;
        var answered = system.Tables.Answered;
        system.Tables.Fault = request => Interlocked.Increment(ref requests) switch
        {
            // A write that depends on what was read; then any request.
            var n when n % 5 == 0 && request.Headers.ContainsKey("If-Match") => 412,
            var n when n % 4 == 0 => 503,
            _ => null,
        };
        try
        {
            await system.AssertCompletedAsync(await system.StartRunsAsync(Count), await shared.ReferenceAsync());
        }
        finally
        {
            system.Tables.Fault = null;
        }

        Assert.True(system.Tables.Answered - answered > Count, $"{system.Tables.Answered - answered} faults in {requests} requests");
        await system.ReadyAsync(Token);
    }

    [Fact]
    public async Task Azurite_KilledDuringRuns_TheyComplete()
    {
        var system = await shared.SystemAsync();
        var ids = new List<string>();
        await system.RunsUnderWayAsync(Count, ids);
        await system.Azurite.KillAsync();
        await system.Azurite.RunAsync();
        await system.AssertCompletedAsync(ids, await shared.ReferenceAsync());
        await system.ReadyAsync(Token);
    }

    [Fact]
    public async Task Broker_KilledDuringRuns_TheyComplete()
    {
        var system = await shared.SystemAsync();
        var ids = new List<string>();
        await system.RunsUnderWayAsync(Count, ids);
        await system.KillBrokerAsync();
        await system.StartBrokerAsync(Token);
        await system.AssertCompletedAsync(ids, await shared.ReferenceAsync());
        await system.QueuesEmptyAsync();
        await system.ReadyAsync(Token);
    }

    [Fact]
    public async Task Host_KilledDuringRuns_TheNextOneReplaysThemToTheirEnd()
    {
        var system = await shared.SystemAsync();
        var ids = new List<string>();
        await system.RunsUnderWayAsync(Count, ids);
        await system.KillHostAsync();
        await system.StartHostAsync(Token);
        await system.AssertCompletedAsync(ids, await shared.ReferenceAsync());
        await system.QueuesEmptyAsync();
        await system.ReadyAsync(Token);
    }
}
