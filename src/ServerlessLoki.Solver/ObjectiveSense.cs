namespace ServerlessLoki.Solver;

/// <summary>Direction of optimisation.</summary>
public enum ObjectiveSense
{
    /// <summary>The smallest objective is the best.</summary>
    Minimise,

    /// <summary>The largest objective is the best.</summary>
    Maximise,
}
