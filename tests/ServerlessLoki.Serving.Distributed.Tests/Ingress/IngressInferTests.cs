using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Tests.Ingress;

/// <summary>One variant run directly, by workers.</summary>
public sealed class IngressInferTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Infer_RowsWhoseRepliesComeTwiceAndInAnyOrder_AreEachInTheirPlace()
    {
        await using var system = new RemoteSystem();
        system.Broker.Copies = 3;
        system.Broker.OnReply = async reply =>
        {
            await Task.Delay(reply.ParentRow % 5, CancellationToken.None);
            return true;
        };
        var (ingress, _, _) = await system.StartAsync();
        var values = Enumerable.Range(0, 40).SelectMany(i => BitConverter.GetBytes(i)).ToArray();
        using var result = await ingress.InferAsync(new VariantRequest { Variant = "car-l", Rows = 40, Inputs = [values] }, Token);
        Assert.Equal((QueryOutcome.Completed, null), (result.Outcome, result.Error));
        Assert.Equal(values, Assert.Single(result.Outputs).ToArray());
        await RemoteSystem.UntilAsync(() => system.Broker.Waiting == 0);
    }

    [Fact]
    public async Task Infer_LargeRows_TravelByTokenAndAreDeleted()
    {
        await using var system = new RemoteSystem();
        var (ingress, _, _) = await system.StartAsync();
        var row = new byte[2 * StagePayload.InlineLimitBytes];
        using var result = await ingress.InferAsync(new VariantRequest { Variant = "car-l", Rows = 1, Inputs = [row] }, Token);
        Assert.Equal(QueryOutcome.Completed, result.Outcome);
        Assert.Equal(row.Length, result.Outputs[0].Length);
        await RemoteSystem.UntilAsync(() => system.Payloads is { Count: 0, Stored: 2 });
    }

    [Fact]
    public async Task Infer_VariantThatNobodyRuns_IsToldWhichOnesAreRun()
    {
        await using var system = new RemoteSystem();
        var (ingress, _, _) = await system.StartAsync();
        var released = new Released();
        using var result = await ingress.InferAsync(new VariantRequest { Variant = "car-s", Rows = 1, Inputs = [new byte[4]], Owner = released }, Token);
        Assert.Equal((QueryOutcome.Unavailable, true), (result.Outcome, released.IsDisposed));
        Assert.Contains("No worker runs variant car-s", result.Error, StringComparison.Ordinal);
        Assert.Contains("these are run: car-l", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, system.Broker.WaitingFor(new StageKey("p", "car", "car-s")));
        await Assert.ThrowsAsync<ArgumentException>(() => ingress.InferAsync(new VariantRequest { Variant = "none", Rows = 1, Inputs = [new byte[4]] }, Token).AsTask());
    }

    [Fact]
    public async Task Infer_LastWorkerDies_IsAnsweredBeforeItsDeadline()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 1);
        using var victim = await VictimWorker.AddAsync(system);
        var ingress = await system.AddReadyIngressAsync();
        var asked = ingress.InferAsync(new VariantRequest { Variant = "car-l", Rows = 2, Inputs = [new byte[8]], Latency = TimeSpan.FromMinutes(10) }, Token).AsTask();
        await victim.StuckAsync();
        await victim.DieAsync();
        using var result = await asked;
        Assert.Equal(QueryOutcome.Unavailable, result.Outcome);
        Assert.Contains("nothing is run", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_WorkerKilledInMidBatch_AnotherAnswers()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 2);
        using var victim = await VictimWorker.AddAsync(system);
        var ingress = await system.AddReadyIngressAsync();
        var values = Enumerable.Range(0, 8).SelectMany(i => BitConverter.GetBytes(i)).ToArray();
        var asked = ingress.InferAsync(new VariantRequest { Variant = "car-l", Rows = 8, Inputs = [values] }, Token).AsTask();
        await victim.StuckAsync();
        await system.AddWorkerAsync(3);
        await victim.DieAsync();
        using var result = await asked;
        Assert.Equal(QueryOutcome.Completed, result.Outcome);
        Assert.Equal(values, result.Outputs[0].ToArray());
        Assert.True(system.Broker.Redelivered > 0);
    }

    private sealed class Released : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
