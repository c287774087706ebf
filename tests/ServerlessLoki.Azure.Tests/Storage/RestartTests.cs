using ServerlessLoki.Azure.Storage;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using System.Globalization;
using static ServerlessLoki.Azure.Tests.Storage.StoreUnderTest;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.Azure.Tests.Storage;

public sealed class RestartTests
{
    // Longer than a loaded machine needs to start Azurite.
    private static readonly StorageOptions Patient = new()
    {
        Retries = 20, RetryDelay = TimeSpan.FromMilliseconds(100), LongestRetryDelay = TimeSpan.FromSeconds(3), TableTimeout = TimeSpan.FromMinutes(2),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restart_DuringCalls_LosesNothingThatWasAcknowledged(bool isKilled)
    {
        if (AzuriteProcess.Missing is { } reason)
            Assert.Skip(reason);
        await using var azurite = await AzuriteProcess.StartAsync();
        var it = Over(azurite.ConnectionString, null, Patient);
        using var enough = new CancellationTokenSource();
        var warm = new TaskCompletionSource();
        var writers = Enumerable.Range(0, 4).Select(w => Task.Run(() => WriteAsync(it, w, warm, enough.Token), Token)).ToArray();
        await warm.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);

        await (isKilled ? azurite.KillAsync() : azurite.StopAsync());
        await azurite.RunAsync();
        // Every writer gets through again before it is told to end.
        await it.Store.PutDocumentAsync("after", "1", Token);
        await enough.CancelAsync();
        var written = await Task.WhenAll(writers);

        Assert.All(written, w => Assert.True(w > 0));
        for (var w = 0; w < written.Length; w++)
            Assert.Equal(written[w].ToString(CultureInfo.InvariantCulture), await it.Store.FindDocumentAsync($"w{w}", Token));
        var runs = new List<RunRecord>();
        string? after = null;
        do
        {
            var page = await it.Store.ListRunsAsync(1000, after, RunState.Completed, Token);
            runs.AddRange(page.Runs);
            after = page.Next;
        }
        while (after is not null);
        Assert.Equal(written.Sum(), runs.Select(r => r.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.Empty(await it.Store.UnfinishedRunsAsync(Token));
    }

    /// <summary>Runs that are accepted and ended, each counted in a versioned document; each step must succeed.</summary>
    private static async Task<int> WriteAsync(StoreUnderTest it, int writer, TaskCompletionSource warm, CancellationToken enough)
    {
        var store = it.Another();
        string? version = null;
        var count = 0;
        while (!enough.IsCancellationRequested)
        {
            Assert.NotNull(await store.AcceptAsync(Run($"{writer}-{count}"), new byte[] { 1 }, CancellationToken.None));
            Assert.True(await store.EndRunAsync($"{writer}-{count}", RunState.Completed, "{}", Noon, CancellationToken.None));
            version = await store.ReplaceDocumentAsync($"w{writer}", $"{++count}", version, CancellationToken.None);
            Assert.NotNull(version);
            Assert.True(await store.ClaimAsync($"place/{writer}", "me", Noon.AddSeconds(count), TimeSpan.FromSeconds(5), CancellationToken.None));
            if (count == 5)
                warm.TrySetResult();
        }

        return count;
    }
}
