using System.Diagnostics;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Benchmarks.Serving;

/// <summary>Times with one in flight: a bare run, the same through the stack, and its bytes through bare sockets, in turn. The
/// machine's own pace changes within seconds by more than what is looked for; taken in turn, it hits all three alike.</summary>
internal sealed class LightLoad
{
    private readonly List<double> _bare = [];
    private readonly List<double> _stack = [];
    private readonly List<double> _sockets = [];

    /// <summary>Medians, milliseconds.</summary>
    public double BareMs => Median.Of(_bare);

    /// <inheritdoc cref="BareMs" />
    public double StackMs => Median.Of(_stack);

    /// <inheritdoc cref="BareMs" />
    public double SocketsMs => Median.Of(_sockets);

    /// <summary>Median of the differences between a request and the bare run before it, milliseconds.</summary>
    public double AddedMs => Median.Of(_stack.Zip(_bare, (stack, bare) => stack - bare));

    public void Measure(OnnxModel model, WireClient client, Loopback loopback, int turns)
    {
        var input = WireClient.Tensor(model, 1);
        using var runner = model.CreateRunner();
        runner.Run(1);
        for (var i = 0; i < turns; i++)
        {
            _bare.Add(Ms(() =>
            {
                input.CopyTo(runner.InputBytes(1));
                runner.Run(1);
            }));
            _stack.Add(Ms(client.Send));
            _sockets.Add(Ms(loopback.Exchange));
        }
    }

    private static double Ms(Action once)
    {
        var start = Stopwatch.GetTimestamp();
        once();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
