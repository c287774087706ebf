using System.Runtime.InteropServices;
using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Query that a client sends.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ClientTurn(Arrival Arrival, ClientTicket Ticket);

/// <summary>Client that sent a query; queries of an open stream have none.</summary>
/// <param name="Group">Index of the client's group.</param>
/// <param name="Client">Index of the client in the group; −1 = none.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ClientTicket(int Group, int Client)
{
    public static ClientTicket Nobody { get; } = new(0, -1);
}
