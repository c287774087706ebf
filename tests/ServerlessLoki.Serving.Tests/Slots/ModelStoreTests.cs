using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Slots;

public sealed class ModelStoreTests
{
    /// <summary>Threads that load the same file, which can be read now and then only.</summary>
    [Fact]
    public void Acquire_SomeLoadsFail_EveryLoadedModelIsDisposedOnce()
    {
        var loads = 0;
        var models = new FakeModels { OnLoad = _ => Wait(Interlocked.Increment(ref loads)) };
        var store = new ModelStore(models, idleBytes: 0, NullLogger<ModelStore>.Instance);
        var id = new VariantId(0, 0, 0);

        using var together = new Barrier(8);
        var threads = Enumerable.Range(0, together.ParticipantCount).Select(_ => new Thread(() =>
        {
            for (var round = 0; round < 200; round++)
            {
                together.SignalAndWait();
                TryAcquire();
                TryAcquire();
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());

        store.Dispose();
        Assert.True(loads >= 200, $"{loads} loads: too few to test anything");
        Assert.Equal(0, models.OpenModels);

        void TryAcquire()
        {
            try
            {
                using var lease = store.Acquire(id);
                Thread.Yield();
            }
            catch (IOException)
            {
                // The file could not be read this time.
            }
        }

        // A failing load takes its time, so that others wait for it and fail with it; the next succeeds at once.
        static void Wait(int load)
        {
            if (load % 2 == 0)
                return;
            Thread.Sleep(1);
            throw new IOException("not now");
        }
    }
}
