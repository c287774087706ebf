using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Dispatch;

/// <summary>What a query meets before its queue; the list is in the README of ServerlessLoki.Serving.</summary>
public sealed class RequestPathTests
{
    /// <summary>Far beyond what a busy machine needs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Submit_WhileTheDevicesLockIsHeld_ReachesItsQueue(bool isPicture)
    {
        await using var engine = await TestEngine.StartAsync(models: new FakeModels { Rows = (_, _) => [] });
        var device = engine.Engine.Devices[0];
        using var held = new ManualResetEventSlim();
        using var free = new ManualResetEventSlim();
        var holder = Task.Factory.StartNew(
            () => device.Change(_ =>
            {
                held.Set();
                free.Wait(Patience);
            }),
            TaskCreationOptions.LongRunning);
        Task<QueryResult>? answer = null;
        try
        {
            Assert.True(held.Wait(Patience, TestContext.Current.CancellationToken));
            await Task.Run(() =>
            {
                Assert.Null(engine.Engine.Find("p")!.RefuseEarly(Long, TimeSpan.Zero));
                answer = engine.SubmitAsync(isPicture ? Picture() : new FakeInput(), Long).AsTask();
            }).WaitAsync(Patience, TestContext.Current.CancellationToken);
            Assert.False(answer!.IsCompleted);
            Assert.True(device.Load.BeforeUs(long.MaxValue, 0) > 0);
        }
        finally
        {
            free.Set();
            await holder;
        }

        Assert.Equal(QueryOutcome.Completed, (await answer).Outcome);
    }

    private static ImageInput Picture()
    {
        var png = PictureCodec.EncodePng(RgbImage.Over(20, 10, new byte[600]));
        return new ImageInput(new Bytes(png), png.Length, ImageLimits.Default);
    }
}
