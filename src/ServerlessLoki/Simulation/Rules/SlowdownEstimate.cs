namespace ServerlessLoki.Simulation.Rules;

/// <summary>How much slower batches run than their profile says, smoothed over control periods.</summary>
internal sealed class SlowdownEstimate
{
    private const double Least = 0.5;
    private const double Most = 8;
    private const double Weight = 0.3;

    public double Factor { get; private set; } = 1;

    public double ActualUs { get; set; }

    public double ExpectedUs { get; set; }

    public void Fold()
    {
        if (ExpectedUs <= 0)
            return;
        Factor += Weight * (Math.Clamp(ActualUs / ExpectedUs, Least, Most) - Factor);
        (ActualUs, ExpectedUs) = (0, 0);
    }
}
