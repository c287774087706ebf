using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Serving.Tests.Memory;

public sealed class ByteBudgetWaitTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Resize_BeyondTheBudget_IsRefusedAndChangesNothing()
    {
        var budget = new ByteBudget(100);
        using var first = budget.Take(60);
        using var second = budget.Take(10);
        var refusal = Assert.Throws<ApiFaultException>(() => second.Resize(41));
        Assert.Equal((429, 70), (refusal.Status, budget.Used));
        second.Resize(40);
        Assert.Equal(100, budget.Used);
    }

    [Fact]
    public void Take_Alone_IsGrantedWhateverItIs()
    {
        var budget = new ByteBudget(100);
        using (var share = budget.Take(60))
            share.Resize(1000);
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void Move_HandsTheBytesOn()
    {
        var budget = new ByteBudget(100);
        var first = budget.Take(60);
        var second = first.Move();
        first.Dispose();
        Assert.Equal(60, budget.Used);
        second.Dispose();
        second.Dispose();
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public async Task TakeAsync_HalfIsTaken_WaitsInOrderUntilItFits()
    {
        var budget = new ByteBudget(100);
        var request = budget.Take(40);
        var first = budget.TakeAsync(30, Token).AsTask();
        var second = budget.TakeAsync(5, Token).AsTask();
        Assert.Equal((false, false), (first.IsCompleted, second.IsCompleted));
        // What cannot wait goes first, and has all of the budget.
        budget.Take(60).Dispose();
        request.Dispose();
        using var one = await first;
        using var two = await second;
        Assert.Equal(35, budget.Used);
    }

    [Fact]
    public async Task TakeAsync_TheFirstGivesUp_TheNextIsServed()
    {
        var budget = new ByteBudget(100);
        using var request = budget.Take(40);
        using var leaves = new CancellationTokenSource();
        var first = budget.TakeAsync(30, leaves.Token).AsTask();
        var second = budget.TakeAsync(5, Token).AsTask();
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        using var share = await second;
        Assert.Equal(45, budget.Used);
    }
}
