namespace ServerlessLoki.Cli.Cores;

/// <summary>Measurement of other processes' use of the machine's cores.</summary>
internal interface ICores
{
    /// <summary>Reads the current times; null where they cannot be measured.</summary>
    CoreTimes? Read();
}
