using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;
using ServerlessLoki.LocalCloud.FunctionsHost.Worker;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Worker;

public sealed class WorkerChannelTests
{
    private readonly FakeWorker _worker = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ask_TheReplyOfItsId_IsTaken()
    {
        var first = _worker.Host.AskAsync(new StreamingMessage { WorkerInitRequest = new WorkerInitRequest() }, Stop);
        var second = _worker.Host.AskAsync(new StreamingMessage { WorkerInitRequest = new WorkerInitRequest() }, Stop);
        var (a, b) = ((await _worker.NextAsync()).RequestId, (await _worker.NextAsync()).RequestId);
        _worker.Say(new StreamingMessage { RequestId = b, WorkerInitResponse = new WorkerInitResponse { Capabilities = { ["n"] = "2" } } });
        _worker.Say(new StreamingMessage { RequestId = a, WorkerInitResponse = new WorkerInitResponse { Capabilities = { ["n"] = "1" } } });
        Assert.Equal(("1", "2"), ((await first).WorkerInitResponse.Capabilities["n"], (await second).WorkerInitResponse.Capabilities["n"]));
    }

    [Fact]
    public async Task Worker_HangsUp_AllThatWaitsFailsAndSoDoesWhatComesLater()
    {
        var asked = _worker.Host.AskAsync(new StreamingMessage { WorkerInitRequest = new WorkerInitRequest() }, Stop);
        var invoked = _worker.Host.InvokeAsync(new InvocationRequest { InvocationId = "1" }, "F");
        await _worker.HangUpAsync();
        await Assert.ThrowsAsync<WorkerProcessExitException>(() => asked);
        Assert.Contains("'F'", (await Assert.ThrowsAsync<WorkerProcessExitException>(() => invoked)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<WorkerProcessExitException>(() => _worker.Host.InvokeAsync(new InvocationRequest { InvocationId = "2" }, "F"));
        Assert.True(_worker.Host.HungUp.IsCompleted);
    }

    [Fact]
    public async Task Cancel_OfAnInvocationThatRuns_IsSentAndOfAnotherIsNot()
    {
        _ = _worker.Host.InvokeAsync(new InvocationRequest { InvocationId = "1" }, "F");
        _worker.Host.Cancel("none");
        _worker.Host.Cancel("1");
        Assert.Equal("1", (await _worker.NextAsync()).InvocationRequest.InvocationId);
        Assert.Equal("1", (await _worker.NextAsync()).InvocationCancel.InvocationId);
    }
}
