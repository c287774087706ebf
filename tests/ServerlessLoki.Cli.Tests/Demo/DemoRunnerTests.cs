using ServerlessLoki.Cli.Demo;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Tests.Cores;

namespace ServerlessLoki.Cli.Tests.Demo;

public sealed class DemoRunnerTests
{
    [Fact]
    public async Task RunAsync_CalibrationDisturbed_RaisesTheLoad()
    {
        // Slow while calibrated, quick afterwards: what was measured first must not stay the yardstick.
        var host = new DisturbedHost();
        var started = TimeProvider.System.GetTimestamp();
        // Others take half of the four cores all the time.
        var cores = new FakeCores(4) { OnRead = c => c.OthersSeconds = 2 * TimeProvider.System.GetElapsedTime(started).TotalSeconds };
        var output = new StringWriter();
        var console = new CliConsole(output, new StringWriter(), json: false, Terminal.Plain);
        var runner = new DemoRunner(console, host, host, new DemoModel([("detect", ["detect-x"])]), 1000, cores, TimeProvider.System);

        var outcome = await runner.RunAsync("loki", quick: true, TestContext.Current.CancellationToken);

        Assert.Contains("the calibration was disturbed", output.ToString(), StringComparison.Ordinal);
        // It answers whatever it is asked, so the second repetition is as far from its limit as the first.
        Assert.Equal(["hardware-only", "hardware-only", "hardware-only", "loki"], host.Policies.Skip(1));
        Assert.Equal(outcome.Runs[0].Phases, outcome.Runs[1].Phases);
        Assert.Equal(DemoPhases.For(outcome.SustainedQps, quick: true), outcome.Runs[1].Phases);
        Assert.Equal(["held", "released"], host.Holds);
        Assert.All(outcome.Runs.SelectMany(r => Enumerable.Range(0, r.Phases.Length).Select(r.OthersShare)), share => Assert.Equal(0.5, share!.Value, 0.05));
        Assert.True(outcome.Passed);
    }

    private sealed class DisturbedHost : IDemoHost, ILoadTarget
    {
        private bool _calibrated;

        public List<string> Policies { get; } = [];

        public List<string> Holds { get; } = [];

        public int Bodies => 1;

        public Task UsePolicyAsync(string policy, CancellationToken cancellationToken)
        {
            Policies.Add(policy);
            return Task.CompletedTask;
        }

        public Task HoldPlanAsync(bool hold, CancellationToken cancellationToken)
        {
            Holds.Add(hold ? "held" : "released");
            _calibrated |= !hold;
            return Task.CompletedTask;
        }

        public async Task<LoadReply> SendAsync(int body, CancellationToken cancellationToken)
        {
            await Task.Delay(_calibrated ? 5 : 400, cancellationToken);
            return new LoadReply(200, 0.9, "detect=detect-x");
        }
    }
}
