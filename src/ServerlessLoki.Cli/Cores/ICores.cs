namespace ServerlessLoki.Cli.Cores;

/// <summary>Tells what other processes take of the machine's cores.</summary>
internal interface ICores
{
    /// <summary>As of now; null where it cannot be measured.</summary>
    CoreTimes? Read();
}
