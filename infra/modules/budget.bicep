// Mails when the group costs more than was meant. An alert, not a brake: it stops nothing.

@description('Name of the budget.')
param name string

@description('Amount per month, in the currency of the subscription.')
param amount int

@description('First day of the month in which the budget begins.')
param startDate string

@description('Who is mailed besides the owners; empty mails owners only.')
param email string

var contactEmails = empty(email) ? [] : [email]

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: name
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: startDate
    }
    notifications: {
      actual80: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: contactEmails
        contactRoles: ['Owner']
      }
      forecast100: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: contactEmails
        contactRoles: ['Owner']
      }
    }
  }
}
