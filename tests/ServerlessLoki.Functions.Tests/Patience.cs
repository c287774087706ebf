namespace ServerlessLoki.Functions.Tests;

/// <summary>Waits for what comes about, with a machine that does other things, but not for ever.</summary>
internal static class Patience
{
    private const int Looks = 6000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        for (var looks = 0; !await condition(); looks++)
        {
            Assert.True(looks < Looks, $"It did not come about: {what}.");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
