// The scheduler that keeps durable runs. It knows identities only, no keys.
import { tagMap } from 'types.bicep'

@description('Region.')
param location string

@description('Tags.')
param tags tagMap

@description('Name of the scheduler.')
@minLength(3)
@maxLength(64)
param name string

resource scheduler 'Microsoft.DurableTask/schedulers@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'Consumption'
    }
    // Required, and an empty list shuts everybody out. The Function app's addresses are not fixed; Entra ID guards the door.
    ipAllowlist: ['0.0.0.0/0']
  }

  // As host.json names it.
  resource taskHub 'taskHubs' = {
    name: 'loki'
  }
}

@description('Name of the scheduler.')
output name string = scheduler.name
