namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Sum of the progress of all runs.</summary>
internal sealed class ProgressMeter(int runs, IProgress<ComparisonProgress>? progress)
{
    private readonly Lock _gate = new();
    private readonly double[] _shares = new double[runs];
    private int _done;

    public void Advance(int run, double share, string label) => Report(run, share, label, isEnd: false);

    public void End(int run, string label) => Report(run, 1, label, isEnd: true);

    private void Report(int run, double share, string label, bool isEnd)
    {
        if (progress is null)
            return;
        lock (_gate)
        {
            _shares[run] = share;
            _done += isEnd ? 1 : 0;
            progress.Report(new ComparisonProgress(_shares.Sum() / runs, _done, runs, label));
        }
    }
}
