using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Loading of variants for direct inference. Concurrent requests share one attempt, and after a failure there is a pause: a broken
/// file costs one load and one message per pause, however many requests ask for it.</summary>
/// <param name="load">Loads one variant.</param>
/// <param name="nameOf">Returns the variant's name, for the log.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Receives the reasons of failed loads.</param>
internal sealed class DirectLoads(Func<VariantId, Task> load, Func<VariantId, string> nameOf, TimeProvider time, ILogger logger)
{
    /// <summary>Time between two attempts to load a variant that failed.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<VariantId, Lazy<Task<bool>>> _attempts = new();
    private readonly ConcurrentDictionary<VariantId, long> _failedAt = new();

    /// <summary>Loads a variant; false when that failed, now or within <see cref="Pause"/>.</summary>
    public Task<bool> EnsureAsync(VariantId id) => RetryAfter(id) > TimeSpan.Zero
        ? Task.FromResult(false)
        : _attempts.GetOrAdd(id, static (id, self) => new Lazy<Task<bool>>(() => self.AttemptAsync(id)), this).Value;

    /// <summary>Returns the time until the next attempt may be made; zero = now.</summary>
    public TimeSpan RetryAfter(VariantId id) =>
        _failedAt.TryGetValue(id, out var at) && Pause - time.GetElapsedTime(at) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Tests whether the last attempt failed.</summary>
    public bool HasFailed(VariantId id) => _failedAt.ContainsKey(id);

    private async Task<bool> AttemptAsync(VariantId id)
    {
        // Not on the caller's thread: the attempt must be in the table before it can end.
        await Task.Yield();
        try
        {
            await load(id);
            _failedAt.TryRemove(id, out _);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            logger.DirectLoadFailed(exception, nameOf(id), Pause);
            _failedAt[id] = time.GetTimestamp();
            return false;
        }
        finally
        {
            _attempts.TryRemove(id, out _);
        }
    }
}
