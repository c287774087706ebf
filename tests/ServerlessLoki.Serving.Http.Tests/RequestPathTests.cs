using System.Reflection;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>The way of a query until it is in its queue takes no lock, as the README of ServerlessLoki.Serving lists it.</summary>
public sealed class RequestPathTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Where the way ends or leaves what the README lists, and why a lock may be there.</summary>
    private static readonly HashSet<string> Ends =
    [
        // The queues themselves.
        "PictureQueue.Add", "Dispatcher.Send",
        // After the queue.
        "Dispatcher.Await", "Door.Ended", "RowGroup.ResultAsync",
        // Only where the budget is full, where runs wait for room, or at the first request of a connection or key.
        "ByteBudget.MakeRoom", "ByteBudget.Require", "ByteBudget.Freed", "ByteBudget.Open",
        // Only where a variant is not loaded yet.
        "DirectLoads.EnsureAsync",
        // Only while the engine stops.
        "Dispatcher.EndStopped",
        // The input of a query that is refused.
        "QueryInput.Dispose",
    ];

    [Fact]
    public void Query_UntilItsQueue_MeetsNoLock()
    {
        var scan = new LockScan(IsEnd);
        var door = typeof(Dispatcher).GetNestedType("Door", BindingFlags.NonPublic)!;
        var found = scan.Find(
            typeof(InferHeaders).GetMethod(nameof(InferHeaders.Read), All)!, door.GetMethod("RefuseEarly", All)!, typeof(ByteBudget).GetMethod(nameof(ByteBudget.Take), All)!,
            typeof(BodyReader).GetMethod(nameof(BodyReader.ReadAsync), All)!, typeof(PipelineQuery).GetMethod(nameof(PipelineQuery.Read), All)!,
            door.GetMethod("SubmitAsync", All)!, typeof(PictureDecoder).GetMethod(nameof(PictureDecoder.ExpectedUs), All)!,
            typeof(ComputeDevice).GetMethod(nameof(ComputeDevice.Decode), All)!);
        Assert.True(found.Count == 0, string.Join('\n', found));
        // It went through all of them.
        Assert.True(scan.Followed > 100, $"{scan.Followed} methods were followed");
    }

    [Fact]
    public void DirectRequest_UntilItsQueue_MeetsNoLock()
    {
        var scan = new LockScan(IsEnd);
        var found = scan.Find(typeof(ServingEngine).GetMethod(nameof(ServingEngine.RefuseInferEarly), All)!, typeof(ServingEngine).GetMethod(nameof(ServingEngine.InferAsync), All)!);
        Assert.True(found.Count == 0, string.Join('\n', found));
        Assert.True(scan.Followed > 20, $"{scan.Followed} methods were followed");
    }

    [Fact]
    public void Scan_CodeWithLocks_FindsThemThroughCallsInterfacesAndAsyncSteps()
    {
        Assert.Contains(new LockScan(_ => false).Find(typeof(PictureQueue).GetMethod(nameof(PictureQueue.Add), All)!), l => l.StartsWith("Lock.EnterScope", StringComparison.Ordinal));
        Assert.Contains(new LockScan(_ => false).Find(typeof(ComputeDevice).GetMethod(nameof(ComputeDevice.Decode), All)!), l => l.EndsWith("PictureQueue.Add ← ComputeDevice.Decode", StringComparison.Ordinal));
        Assert.Contains(new LockScan(_ => false).Find(typeof(BatchExecutor).GetMethod(nameof(BatchExecutor.End), All)!), l => l.Contains("PendingQuery.", StringComparison.Ordinal));
        Assert.Contains(new LockScan(_ => false).Find(typeof(ByteBudget).GetMethod(nameof(ByteBudget.TakeAsync), All)!), l => l.Contains("MoveNext ← ByteBudget.TakeAsync", StringComparison.Ordinal));
    }

    private static bool IsEnd(MethodBase method) => Ends.Contains($"{method.DeclaringType!.Name}.{method.Name}");
}
