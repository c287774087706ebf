using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.LocalCloud.FunctionsHost.Functions;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;
using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;
using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Worker;
using static ServerlessLoki.LocalCloud.FunctionsHost.Protocol.StatusResult.Types;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Functions;

public sealed class FunctionCallerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly FunctionInfo Tick = TestFunction.Timer();
    private readonly FakeWorker _worker = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private FunctionCaller Caller => new(_worker, Limit, _time);

    [Fact]
    public async Task Call_Succeeds_GivesTheReturnValue()
    {
        var calling = Caller.CallAsync(Tick, new TypedData { Json = "{}" }, Stop);
        var request = (await _worker.NextAsync()).InvocationRequest;
        Assert.Equal(("Tick-id", "timer", "{}"), (request.FunctionId, request.InputData.Single().Name, request.InputData.Single().Data.Json));
        _worker.Respond(request.InvocationId, new StatusResult { Status = Status.Success }, new TypedData { String = "done" });
        Assert.Equal("done", (await calling)!.String);
    }

    [Fact]
    public async Task Call_FunctionThrows_TextHasTheFormThatDurableReads()
    {
        var calling = Caller.CallAsync(Tick, new TypedData(), Stop);
        _worker.Respond(
            (await _worker.NextAsync()).InvocationRequest.InvocationId,
            new StatusResult { Status = Status.Failure, Exception = new WorkerFault { Message = "System.Exception: no", StackTrace = "at home" } });
        var exception = await Assert.ThrowsAsync<FunctionFailedException>(() => calling);
        Assert.Equal(("Result: Failure\nException: System.Exception: no\nStack: at home", "System.Exception: no"), (exception.Message, FunctionFailedException.CauseOf(exception)));
    }

    [Fact]
    public async Task Call_OfAFunctionWithADurableClient_BringsWhatTheEngineGives()
    {
        var function = TestFunction.Of("F", """{"name": "t", "type": "timerTrigger"}""", """{"name": "client", "type": "durableClient", "taskHub": "hub"}""");
        var caller = Caller;
        caller.DurableClient = static client => client.Text("taskHub") + " as JSON";
        _ = caller.CallAsync(function, new TypedData(), Stop);
        Assert.Equal("hub as JSON", (await _worker.NextAsync()).InvocationRequest.InputData.Single(static i => i.Name == "client").Data.String);
    }

    [Fact]
    public async Task Call_Overdue_IsCancelledAndFails()
    {
        var calling = Caller.CallAsync(Tick, new TypedData(), Stop);
        var id = (await _worker.NextAsync()).InvocationRequest.InvocationId;
        _time.Advance(Limit);
        Assert.Equal(id, (await _worker.NextAsync()).InvocationCancel.InvocationId);
        _worker.Respond(id, new StatusResult { Status = Status.Cancelled });
        await Assert.ThrowsAsync<FunctionOverdueException>(() => calling);
        Assert.False(_worker.IsAborted);
    }

    [Fact]
    public async Task Call_OverdueAndDeafToCancellation_EndsWithItsWorker()
    {
        var calling = Caller.CallAsync(Tick, new TypedData(), Stop);
        await _worker.NextAsync();
        _time.Advance(Limit);
        Assert.False(calling.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<FunctionOverdueException>(() => calling);
        Assert.True(_worker.IsAborted);
    }

    [Fact]
    public async Task Call_CallerGoesAway_WorkerIsTold()
    {
        using var gone = new CancellationTokenSource();
        var calling = Caller.CallAsync(Tick, new TypedData(), gone.Token);
        var id = (await _worker.NextAsync()).InvocationRequest.InvocationId;
        await gone.CancelAsync();
        Assert.Equal(id, (await _worker.NextAsync()).InvocationCancel.InvocationId);
        _worker.Respond(id, new StatusResult { Status = Status.Cancelled });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
    }
}
