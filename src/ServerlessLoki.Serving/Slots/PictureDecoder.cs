using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Decoder of an admitted query's image on the calling compute thread: drop, decode, send to the root stage.</summary>
internal sealed class PictureDecoder(ServingClock clock, Dispatcher dispatcher, Histogram decodeUs)
{
    // A pixel of one format costs several times one of another.
    private readonly DecodeRate[] _rates = [.. Enum.GetValues<PictureFormat>().Select(_ => new DecodeRate())];

    /// <summary>Returns the expected decoding time, microseconds.</summary>
    public double ExpectedUs(QueryInput? input) =>
        input is ImageInput { IsDecoded: false } image ? RateOf(image).UsOf((long)image.Width * image.Height) : 0;

    private DecodeRate RateOf(ImageInput image) => _rates[(int)image.Format.GetValueOrDefault()];

    public void Execute(StageItem item)
    {
        var scope = item.Scope;
        try
        {
            var startUs = clock.NowUs;
            item.EndWait(startUs);
            if (scope.HasEnded || scope.Input is not ImageInput image)
                return;
            if (dispatcher.IsHopeless(scope, startUs, ExpectedUs(image)))
            {
                scope.Fail(QueryOutcome.Expired, "No path could answer any more before the deadline.");
                return;
            }

            _ = image.Image;
            var tookUs = clock.NowUs - startUs;
            RateOf(image).Observe((long)image.Width * image.Height, tookUs);
            decodeUs.Record(tookUs);
            item.ComputedUs += tookUs;
            dispatcher.Decoded(item);
        }
        catch (ImageFormatException exception)
        {
            scope.Fail(QueryOutcome.Malformed, exception.Message);
        }
        catch (Exception exception)
        {
            // For example no memory: only this query pays.
            scope.Fail(QueryOutcome.Failed, $"The picture could not be decoded: {exception.Message}");
        }
        finally
        {
            scope.Release();
        }
    }
}
