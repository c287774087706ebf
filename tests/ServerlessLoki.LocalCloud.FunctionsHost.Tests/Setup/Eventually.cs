namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Waits for what other processes do; far longer than a busy machine needs.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, Func<string> what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            while (!await condition())
                await Task.Delay(50, limit.Token);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Assert.Fail($"It never came to this: {what()}");
        }
    }
}
