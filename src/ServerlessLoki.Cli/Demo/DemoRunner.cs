using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Cli.Cores;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Measurements of the demo, one after the other.</summary>
internal sealed class DemoRunner(CliConsole console, IDemoHost host, ILoadTarget target, DemoModel model, double sloMs, ICores cores, TimeProvider time)
{
    private const string Baseline = "hardware-only";
    private const ulong Seed = 20_26;

    /// <summary>Most repetitions: a machine that becomes quieter from run to run is not waited for longer.</summary>
    private const int MostRepeats = 2;

    /// <summary>Calibrates, then runs the phases under <c>hardware-only</c> and under the shown policy.</summary>
    /// <param name="policy">Name of the shown policy.</param>
    /// <param name="quick">True = short phases.</param>
    /// <param name="cancellationToken">Stops the demo.</param>
    public async Task<DemoOutcome> RunAsync(string policy, bool quick, CancellationToken cancellationToken)
    {
        await host.UsePolicyAsync(Baseline, cancellationToken).ConfigureAwait(false);
        console.Line("Calibrating: what does the most accurate path sustain on this machine?");
        var best = await BestAccuracyAsync(cancellationToken).ConfigureAwait(false);
        var (sustained, calibrating) = await CalibrateAsync(quick, cancellationToken).ConfigureAwait(false);
        console.Line(string.Create(CultureInfo.InvariantCulture, $"It sustains {sustained:F1} queries/s within the SLO of {sloMs:0.#} ms."));
        var baseline = await PhasesAsync(Baseline, sustained, best, quick, cancellationToken).ConfigureAwait(false);
        for (var again = 0; again < MostRepeats && DemoPhases.HeavyShare * sustained < 3 * baseline.PeakGoodputQps; again++)
        {
            // Something else used the cores while we calibrated. The load may only become heavier by this, never lighter.
            sustained = baseline.PeakGoodputQps;
            console.Line();
            console.Line(string.Create(
                CultureInfo.InvariantCulture, $"It sustained {sustained:F1} queries/s: the calibration was disturbed. Once more:"));
            baseline = await PhasesAsync(Baseline, sustained, best, quick, cancellationToken).ConfigureAwait(false);
        }

        var shown = await PhasesAsync(policy, sustained, best, quick, cancellationToken).ConfigureAwait(false);
        return new DemoOutcome(sustained, [baseline, shown], DemoPromises.Check(shown, baseline, sustained, calibrating));
    }

    private async Task<DemoRun> PhasesAsync(
        string policy, double sustained, ImmutableArray<double> best, bool quick, CancellationToken cancellationToken)
    {
        var phases = DemoPhases.For(sustained, quick);
        await host.UsePolicyAsync(policy, cancellationToken).ConfigureAwait(false);
        console.Line();
        console.Line(policy == Baseline ? $"The four phases with the most accurate variants only ({policy}):" : $"The same load under {policy}:");
        // The forecast must not start from the load before it.
        await Task.Delay(TimeSpan.FromSeconds(quick ? 1 : 3), time, cancellationToken).ConfigureAwait(false);
        var watch = new CoreWatch(cores, time);
        await using var _ = watch.ConfigureAwait(false);
        var generator = new LoadGenerator(target, time);
        var run = generator.RunAsync(ArrivalSchedule.Build(phases, ArrivalKind.Poisson, Seed), Seed, cancellationToken);
        await new DemoView(console, model, policy, phases, sloMs).ShowAsync(generator, run).ConfigureAwait(false);
        var records = await run.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return new DemoRun(policy, phases, records, best, sloMs) { Cores = watch.Use() };
    }

    /// <summary>Measures the expected accuracy of the most accurate path for each scene. Also warms every layer up.</summary>
    private async Task<ImmutableArray<double>> BestAccuracyAsync(CancellationToken cancellationToken)
    {
        var best = new double[target.Bodies];
        for (var body = 0; body < best.Length; body++)
        {
            best[body] = double.NaN;
            for (var attempt = 0; attempt < 5 && double.IsNaN(best[body]); attempt++)
            {
                var reply = await target.SendAsync(body, cancellationToken).ConfigureAwait(false);
                if (reply.Status == 200)
                    best[body] = reply.Accuracy;
                else
                    await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken).ConfigureAwait(false);
            }
        }

        return best.Any(double.IsFinite)
            ? [.. best]
            : throw new FailureException("the server answers no query, not even one at a time; see its log");
    }

    private async Task<(double Qps, CoreUse Cores)> CalibrateAsync(bool quick, CancellationToken cancellationToken)
    {
        var watch = new CoreWatch(cores, time);
        await using var _ = watch.ConfigureAwait(false);
        var sustained = await SustainedAsync(quick, cancellationToken).ConfigureAwait(false);
        return (sustained, watch.Use());
    }

    private async Task<double> SustainedAsync(bool quick, CancellationToken cancellationToken)
    {
        // A little load first: the plan gets as many slots as the most accurate path can use.
        var seconds = quick ? 1 : 2.5;
        await SaturationProbe.MeasureAsync(
            target, [8], TimeSpan.Zero, TimeSpan.FromSeconds(seconds), sloMs, time, cancellationToken).ConfigureAwait(false);
        await host.HoldPlanAsync(true, cancellationToken).ConfigureAwait(false);
        try
        {
            return await SaturationProbe.MeasureAsync(
                target, quick ? [4] : [3, 6, 12], TimeSpan.FromSeconds(quick ? 0.3 : 0.5), TimeSpan.FromSeconds(seconds), sloMs, time,
                cancellationToken).ConfigureAwait(false) is var best and > 0
                ? best
                : throw new FailureException("the most accurate path answers nothing within the SLO on this machine; raise sloMs in the pipeline file");
        }
        finally
        {
            await host.HoldPlanAsync(false, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
