using System.Collections.Immutable;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Dispatch;

public class RowsTests
{
    [Fact]
    public async Task Submit_SeveralRows_AnswersEachInItsPlace()
    {
        await using var test = await TestEngine.StartAsync(models: DispatcherTests.Finding(DispatcherTests.Car, DispatcherTests.Man));
        var inputs = Inputs(3);
        var result = await SubmitAsync(test, inputs);
        Assert.Equal((QueryOutcome.Completed, null), (result.Outcome, result.Error));
        Assert.Equal([(0, -1), (1, 0), (2, 0), (0, -1), (1, 3), (2, 3), (0, -1), (1, 6), (2, 6)], result.Answers.Select(static a => (a.Task, a.Parent)));
        Assert.Equal(0.9 * 0.8, result.Accuracy, 6);
        await test.DisposeAsync();
        Assert.All(inputs, static i => Assert.Equal(1, i.Disposals));
    }

    [Fact]
    public async Task Submit_MoreThanTheTimeAllows_AdmitsNone()
    {
        // 100 ms each, alone as in batches, on two cores: 200 rows are more than fit a second.
        var models = DispatcherTests.Finding();
        var runs = 0;
        models.OnRows = (_, _) => Interlocked.Increment(ref runs);
        await using var test = await TestEngine.StartAsync(largeMs: 1000, models: models);
        var inputs = Inputs(200);
        var result = await SubmitAsync(test, inputs);
        Assert.Equal(QueryOutcome.Rejected, result.Outcome);
        Assert.All(inputs, static i => Assert.Equal(1, i.Disposals));
        Assert.Equal(0, runs);
        Assert.Equal(200, test.Engine.Metrics.Pipelines[0].Arrivals);
    }

    [Fact]
    public async Task Submit_MoreThanMayBePending_SaysHowManyMay()
    {
        await using var test = await TestEngine.StartAsync(models: DispatcherTests.Finding(), options: static o => o with { MaxPending = 3 });
        var result = await SubmitAsync(test, Inputs(4));
        Assert.Equal(QueryOutcome.Invalid, result.Outcome);
        Assert.Contains("has 4 rows, but at most 3 queries", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_OneRowFails_EndsTheOthersAndSaysWhich()
    {
        var models = DispatcherTests.Finding();
        var inputs = Inputs(4);
        models.OnRows = (_, _) => throw new InvalidOperationException("broken");
        await using var test = await TestEngine.StartAsync(models: models);
        var result = await SubmitAsync(test, inputs);
        Assert.NotEqual(QueryOutcome.Completed, result.Outcome);
        Assert.Matches("^Row [0-3] of 4: ", result.Error);
        await test.DisposeAsync();
        Assert.All(inputs, static i => Assert.Equal(1, i.Disposals));
    }

    [Fact]
    public async Task Submit_CallerGoesAway_EndsEveryRow()
    {
        using var leaving = new CancellationTokenSource();
        var models = DispatcherTests.Finding();
        using var ending = new ManualResetEventSlim();
        models.OnRun = (_, _) => ending.Wait(TimeSpan.FromSeconds(20));
        await using var test = await TestEngine.StartAsync(models: models);
        var asked = SubmitAsync(test, Inputs(5), leaving.Token);
        await leaving.CancelAsync();
        Assert.Equal(QueryOutcome.Cancelled, (await asked).Outcome);
        ending.Set();
    }

    private static ImmutableArray<FakeInput> Inputs(int rows) => [.. Enumerable.Range(0, rows).Select(static _ => new FakeInput())];

    private static Task<QueryResult> SubmitAsync(TestEngine test, ImmutableArray<FakeInput> inputs, CancellationToken cancellationToken = default) => test.Engine.SubmitAsync(
        new QueryRequest { Pipeline = "p", Input = inputs[0], Others = [.. inputs[1..]] }, cancellationToken).AsTask();
}
