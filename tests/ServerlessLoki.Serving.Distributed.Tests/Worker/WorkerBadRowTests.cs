using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Distributed.Tests.Worker;

/// <summary>Workers of a distributed system keep to the same rules for bad rows and answers as the embedded engine.</summary>
public sealed class WorkerBadRowTests
{
    [Fact]
    public async Task Submit_OneRowCannotBeComputed_OnlyItsQueryIsRefused()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 1);
        var models = new FakeModels { OnRows = (id, items) => Refuse(id.Task == 0 && items.Any(i => ((ImageInput)i.Scope.Input!).Image.Width == 1)) };
        var worker = await system.AddWorkerAsync(models: models);
        var ingress = await system.AddReadyIngressAsync();

        var asked = Enumerable.Range(0, 24).Select(i => RemoteSystem.AskAsync(ingress, pixels: i == 5 ? 1 : 4).AsTask());
        var results = await Task.WhenAll(asked);

        Assert.Equal((QueryOutcome.Invalid, "Variant look-l cannot compute its input: too small."), (results[5].Outcome, results[5].Error));
        Assert.All(results.Where((_, i) => i != 5), r => Assert.Equal(QueryOutcome.Completed, r.Outcome));
        Assert.Equal((23, 1, 0), (worker.Metrics.Variants[0][0][0].Rows, worker.Metrics.Variants[0][0][0].RefusedRows, worker.Metrics.Variants[0][0][0].FailedRows));
        Assert.All(worker.Report().SlotStates, s => Assert.Null(s.Fault));
    }

    [Fact]
    public async Task Submit_AnswersAreNotNumbers_FailAndTheWorkerReportsTheVariant()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 1);
        var models = new FakeModels { Rows = (id, _) => [new OutputRow(0, id.Task == 0 ? float.NaN : 1, 0, 0, 1, 1)] };
        var worker = await system.AddWorkerAsync(models: models);
        var ingress = await system.AddReadyIngressAsync();

        var results = await RemoteSystem.AskManyAsync(ingress, 10);

        Assert.All(results, r => Assert.Equal(QueryOutcome.Failed, r.Outcome));
        await RemoteSystem.UntilAsync(() => worker.Report().Unfit is ["look-l"]);
        await RemoteSystem.UntilAsync(() => ingress.Status().Pipelines[0].Tasks[0].Variants[0].Fault is not null);
    }

    private static void Refuse(bool isBad)
    {
        if (isBad)
            throw new ModelException("Model 'look-l' failed") { Cause = "too small" };
    }
}
