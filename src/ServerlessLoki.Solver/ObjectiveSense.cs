namespace ServerlessLoki.Solver;

/// <summary>Whether a program asks for the smallest or the largest objective.</summary>
public enum ObjectiveSense
{
    /// <summary>The smallest objective is the best.</summary>
    Minimise,

    /// <summary>The largest objective is the best.</summary>
    Maximise,
}
